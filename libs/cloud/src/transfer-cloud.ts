import type { CloudFault, Sent, WriteOptions } from './disk-cloud.js';

/** An offer of a disk to another cloud project, until it is accepted or taken back. */
export interface CloudTransfer {
  readonly transferId: string;
  readonly cloudDiskId: string;
  readonly name: string;
  /** RFC 3339. */
  readonly createdAt: string;
}

/**
 * What whoever accepts must know. The cloud tells it once, and it is a secret: it is written nowhere, and shows itself in no text,
 * no JSON and no inspection, only to whoever asks for it by name.
 */
export class TransferKey {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  reveal(): string {
    return this.#text;
  }
}

export type Offered =
  | {
      readonly outcome: 'offered';
      readonly transferId: string;
      readonly key: TransferKey;
      readonly requestId: string | null;
    }
  | Exclude<Sent, { outcome: 'accepted' }>;

/**
 * What we need of a cloud to bring a disk into another of its projects; outcomes and silence are as with `DiskCloud`. All but
 * `acceptDisk` is asked of the project that gives, that of the one that receives. The disk keeps its id.
 */
export abstract class TransferCloud {
  /** The disk awaits its transfer from then on. `name`: ours to find the offer by, should the answer be lost. */
  abstract offerDisk(cloudDiskId: string, name: string, options: WriteOptions): Promise<Offered>;
  /** `cloudId` of what is accepted is the disk's. */
  abstract acceptDisk(transferId: string, key: TransferKey, options: WriteOptions): Promise<Sent>;
  /** The disk is available again. One that was accepted, or taken back already, is `not-found`. */
  abstract takeBack(transferId: string, options: WriteOptions): Promise<Sent>;

  /** null: the cloud says that it does not exist. */
  abstract findTransfer(transferId: string): Promise<CloudTransfer | null>;
  /** An empty answer is not proof of absence before the binding's visibility bound has passed. */
  abstract findTransfersOfDisk(cloudDiskId: string): Promise<readonly CloudTransfer[]>;
}

/** The answer told no key: the offer stands, and nobody can accept it. */
export const keyNotTold = (requestId: string | null): CloudFault => ({
  code: 'no-transfer-key',
  message: 'the offer was taken on without being named, or without its key',
  requestId,
});
