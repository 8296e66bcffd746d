/** Unicode Cc: they move cursors, end lines or hide what follows, and show nothing. */
const control = /\p{Cc}/u;
/** As control, but for tab and line breaks. */
const controlInProse = /[^\P{Cc}\t\n\r]/u;
/** They turn the order of what is shown around (Unicode UAX 9): embeddings, overrides, isolates and their ends. */
const turning = /[\u202a-\u202e\u2066-\u2069]/u;

/** Anything but white space (Unicode `White_Space`, U+3000 among it) and format (`Cf`: zero width, joiners, marks of direction). */
const shown = /[^\p{White_Space}\p{Cf}]/u;

export const noControl = 'must not contain control characters or characters that turn the direction of text';

/** For one line that people read and compare: a name. */
export const isPlainLine = (text: string): boolean => !control.test(text) && !turning.test(text);

/** Nothing of it is seen, though it is not white space alone, which the pattern of a schema refuses. */
export const isUnseen = (text: string): boolean => /\S/u.test(text) && !shown.test(text);

export const notBlank = 'must not be blank';

/** For prose that people read: tab and line breaks may stand in it. */
export const isPlainProse = (text: string): boolean => !controlInProse.test(text) && !turning.test(text);
