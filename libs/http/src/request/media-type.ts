interface Range {
  readonly type: string;
  readonly quality: number;
}

const readRange = (text: string): Range => {
  const [type = '', ...parameters] = text.split(';').map((part) => part.trim().toLowerCase());
  const quality = parameters.find((parameter) => parameter.startsWith('q='));
  return { type, quality: quality === undefined ? 1 : Number(quality.slice(2)) || 0 };
};

const specificity = (range: string, offer: string): number => {
  if (range === offer) return 3;
  if (range === `${offer.slice(0, offer.indexOf('/'))}/*`) return 2;
  return range === '*/*' ? 1 : 0;
};

/** How much an offer is wanted: by the most specific range that covers it (RFC 9110 §12.5.1). */
const qualityOf = (ranges: readonly Range[], offer: string): number => {
  const covering = ranges
    .map(({ type, quality }) => ({ quality, rank: specificity(type, offer) }))
    .filter(({ rank }) => rank > 0)
    .toSorted((one, other) => other.rank - one.rank);
  return covering[0]?.quality ?? 0;
};

/** The offer that an `Accept` wants most, the earlier one of equals; undefined when it wants none. */
export const negotiate = (accept: string, offers: readonly string[]): string | undefined => {
  const ranges = accept.split(',').map(readRange);
  const wanted = offers.map((offer) => ({ offer, quality: qualityOf(ranges, offer) }));
  const [best] = wanted.filter(({ quality }) => quality > 0).toSorted((one, other) => other.quality - one.quality);
  return best?.offer;
};
