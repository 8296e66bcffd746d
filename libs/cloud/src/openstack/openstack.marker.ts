/**
 * Cinder has metadata and no tags. Strata keeps its marker `<operation>.<attempt>` there, and the tags of a disk one by one
 * under a prefix; everything under `strata.` is Strata's own and shown to nobody as metadata.
 */
export const ownPrefix = 'strata.';
export const markerKey = `${ownPrefix}marker`;
const tagPrefix = `${ownPrefix}tag.`;

export const tagKey = (tag: string): string => `${tagPrefix}${tag}`;

/** null for a key that `tagKey` did not make. */
export const tagOfKey = (key: string): string | null =>
  key.startsWith(tagPrefix) ? key.slice(tagPrefix.length) : null;

/** Metadata as it stands in the cloud, without the marker. */
export const metadataFor = <Value>(
  tags: Readonly<Record<string, Value>>,
  metadata: Readonly<Record<string, Value>>,
): Record<string, Value> => ({
  ...metadata,
  ...Object.fromEntries(Object.entries(tags).map(([key, value]) => [tagKey(key), value])),
});
