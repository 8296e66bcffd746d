/**
 * How our marker `<operation>.<attempt>` stands on a volume: as it is in the metadata, and once more as a tag, because
 * either search may be unavailable. Tag values allow `[A-Za-z0-9_-]{1,43}` only (EVS reference §1.4): the dot, which a
 * UUID never holds, becomes an underscore, which it never holds either. 36 + 1 + 6 characters are 43.
 */
export const markerMetadataKey = 'strata.marker';
export const markerTagKey = 'strata-marker';

/** A volume holds ten tags at most; when all ten are the user's own, the metadata alone carries the marker. */
export const mostTags = 10;

const markerPattern = /^([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\.(\d{1,6})$/i;
const tagPattern = /^([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})_(\d{1,6})$/i;

export const markerToTag = (marker: string): string => {
  const [, operation, attempt] = markerPattern.exec(marker) ?? [];
  if (operation === undefined || attempt === undefined) {
    throw new TypeError('a marker is the UUID of an operation, a dot, and the number of an attempt below a million');
  }
  return `${operation}_${attempt}`;
};

/** null for a value that `markerToTag` could not have made. */
export const markerFromTag = (value: string | undefined): string | null => {
  const [, operation, attempt] = tagPattern.exec(value ?? '') ?? [];
  return operation === undefined || attempt === undefined ? null : `${operation}.${attempt}`;
};
