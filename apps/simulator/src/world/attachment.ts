/** Where a disk is to be found in a server. */
export interface Place {
  readonly attachmentId: string;
  readonly serverId: string;
  /** `/dev/vdb` */
  readonly device: string;
}

export interface Attachment extends Place {
  readonly attachedMicros: number;
}

/** The order in which a server looks at its disks, by their letters: 0 is the system disk. */
export const bootIndex = (device: string): number => device.charCodeAt(device.length - 1) - 'a'.charCodeAt(0);

export const isRoot = (device: string): boolean => bootIndex(device) === 0;

const letters = 'bcdefghijklmnopqrstuvwxyz';

/** A disk is named by its bus, whatever the caller wrote: `vd` for VBD, `sd` for SCSI. Null: no device name at all. */
export const deviceFor = (asked: string, scsi: boolean): string | null => {
  const letter = /^\/dev\/[sv]d([a-z])$/.exec(asked)?.[1];
  return letter === undefined ? null : `/dev/${scsi ? 'sd' : 'vd'}${letter}`;
};

/** The first data device that nothing has yet. Two buses share the letters: a guest never sees one twice. */
export const freeDevice = (taken: readonly string[], scsi: boolean): string | null => {
  const used = new Set(taken.map((device) => device.at(-1)));
  const letter = [...letters].find((each) => !used.has(each));
  return letter === undefined ? null : `/dev/${scsi ? 'sd' : 'vd'}${letter}`;
};
