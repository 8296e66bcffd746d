import { markerOf, type CloudDisk } from '@strata/cloud';
import { everything } from '@strata/event-store';
import type { DiskId } from '@strata/kernel';
import { historyOf } from '@strata/operations';
import { diskOf, diskStream } from '../disk/disk.stream.js';
import type { SweepPorts } from './sweep.ports.js';

/**
 * Writes the marker back that a disk of ours has lost, wholly or in one of its places. Does the disk no harm and may be
 * repeated. False when the log does not tell the marker, or the cloud did not take it: then it is lost still.
 */
export const restoreMarker = async (ports: SweepPorts, diskId: DiskId, seen: CloudDisk): Promise<boolean> => {
  const marker = await ownMarker(ports, diskId);
  if (marker === undefined || (seen.marker !== null && seen.marker !== marker)) return false;
  await ports.budget();
  const options = { timeoutMs: ports.requestTimeoutMs, mayStillSend: () => true };
  return (await ports.cloud.markDisk(seen, marker, options)).outcome === 'accepted';
};

/** Of the attempt that the cloud took. */
const ownMarker = async ({ store }: SweepPorts, diskId: DiskId): Promise<string | undefined> => {
  const [loaded] = (await store.load({ sight: everything, streams: [diskStream(diskId)] })).streams;
  const disk = loaded && diskOf(loaded);
  if (disk?.life !== 'in-cloud' || disk.madeBy === undefined) return undefined;
  const [operation] = (await store.load({ sight: everything, streams: [`operation-${disk.madeBy}`] })).streams;
  if (operation === undefined || operation.version === 0) return undefined;
  const taken = historyOf(operation).events.findLast(({ type }) => type === 'SendAccepted');
  return taken?.type === 'SendAccepted' ? markerOf(disk.madeBy, taken.data.attempt) : undefined;
};
