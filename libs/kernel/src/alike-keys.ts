/** Accents, and what nobody sees: soft hyphens, zero widths, control characters. */
const uncompared = /[\p{M}\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}]/gu;

/**
 * As what a cloud may read a key of tags or metadata. OpenStack keeps them in MySQL, whose usual collations mind neither case nor
 * accents, nor what is not seen, nor blanks at the end; `ß` is `s` to some of them and `ss` to others. The EVS reference does not
 * say how that cloud compares. Keys with a reading in common may be one and the same there.
 */
export const readingsOf = (key: string): readonly string[] => {
  const seen = key.normalize('NFKD').replace(uncompared, '').replace(/ +$/, '');
  // Upper case first: it has one form for letters of which lower case has several (`ſ`, `ı`, `ς`).
  return ['s', 'ss'].map((sharp) => seen.replace(/[ßẞ]/g, sharp).toUpperCase().toLowerCase());
};

/** A key, and another one for which a cloud may take it. */
interface AlikeKey {
  readonly key: string;
  readonly other: string;
}

/** Of `keys` those that may be taken for one before them, or for one that is there already. */
export const alikeKeys = (keys: readonly string[], there: readonly string[] = []): readonly AlikeKey[] => {
  const known = new Map<string, string>();
  const remember = (key: string) => {
    for (const reading of readingsOf(key)) known.set(reading, known.get(reading) ?? key);
  };
  there.forEach(remember);
  return keys.flatMap((key) => {
    const other = readingsOf(key)
      .map((reading) => known.get(reading))
      .find((each) => each !== undefined);
    remember(key);
    return other === undefined ? [] : [{ key, other }];
  });
};

export const tooAlike = (other: string): string =>
  `is too much like the key ${JSON.stringify(other)}: some clouds take keys for the same that differ in case, accents or blanks only`;

type Labels = Readonly<Record<string, string | null>>;

/**
 * What is wrong with a change (null removes) of the labels that stand in a member of a resource, by JSON pointer (RFC 6901): keys
 * that it adds and that are too much like others which are there after it. What was there before it is nobody's fault.
 */
export const alikeFaults = (
  member: string,
  labels: Labels,
  change: Labels = {},
): readonly { readonly pointer: string; readonly detail: string }[] => {
  const added = Object.keys(change).filter((key) => change[key] !== null && !Object.hasOwn(labels, key));
  const stays = Object.keys(labels).filter((key) => change[key] !== null);
  return alikeKeys(added, stays).map(({ key, other }) => ({
    pointer: `/${member}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`,
    detail: tooAlike(other),
  }));
};
