import type { DiskChange } from './disk.events.js';
import { merged, type DiskDetails } from './disk.js';

type Labelled = Pick<DiskDetails, 'metadata' | 'ownMetadata'>;

/** Keys that were set through Strata: clouds write others into the metadata themselves, which a look takes over. */
export const ownMetadataOf = ({ metadata, ownMetadata }: Labelled): string[] => ownMetadata ?? Object.keys(metadata);

export const metadataChanged = (disk: Labelled, change: DiskChange['metadata'] = {}): Labelled => {
  const own = Object.fromEntries(ownMetadataOf(disk).map((key) => [key, '']));
  return {
    metadata: merged(disk.metadata, change),
    ...(disk.ownMetadata && { ownMetadata: Object.keys(merged(own, change)) }),
  };
};
