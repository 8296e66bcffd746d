/** Who has issued the first tokens of an installation: whoever holds the database, and nobody who could come with a token. */
export const seedActor = '01930000-0000-7000-8000-000000000000';
