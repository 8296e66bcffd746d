import { readingsOf } from '@strata/kernel';

type Reserves = (key: string) => boolean;

/** With this begin the keys under which Strata keeps something of its own in a cloud. */
export const stratasPrefix = 'strata';

/** To which some cloud gives a meaning of its own. */
const cloudsPrefixes = ['__', 'hw:'];
const cloudsKeys: ReadonlySet<string> = new Set(['attached_mode', 'readonly', 'policy', 'full_clone']);

export const isStratasKey: Reserves = (key) => readingsOf(key).some((reading) => reading.startsWith(stratasPrefix));

export const isCloudsKey: Reserves = (key) =>
  readingsOf(key).some(
    (reading) => cloudsKeys.has(reading) || cloudsPrefixes.some((prefix) => reading.startsWith(prefix)),
  );

/**
 * Keys that nobody writes or removes by order of a user, in whatever spelling a cloud could take for them: `Strata.Marker` would be
 * written over our marker, and removed together with it. Adapters show what is there by such a spelling as anybody else's.
 */
export const reservedKeys: Readonly<Record<'tags' | 'metadata', Reserves>> = {
  tags: isStratasKey,
  metadata: (key) => isStratasKey(key) || isCloudsKey(key),
};
