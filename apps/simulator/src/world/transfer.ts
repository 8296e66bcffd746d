import type { Volume } from './volume.js';

/** An offer of a disk to another project, until it is accepted or taken back (EVS reference §1.9). */
export interface Transfer {
  readonly id: string;
  /** That gives. */
  readonly projectId: string;
  readonly volumeId: string;
  readonly name: string;
  /** Whoever has it may accept: 16 hexadecimal characters, told once. */
  readonly authKey: string;
  readonly createdMicros: number;
}

export type TransferChange =
  | { readonly kind: 'transfer'; readonly transfer: Transfer; readonly volume: Volume }
  /** Accepted or taken back; `volume`: the disk in the project that it lies in from then on. */
  | { readonly kind: 'transfer-ended'; readonly transferId: string; readonly volume: Volume };

/** The offers that are open, of all projects. */
export class TransferShelf {
  private readonly byId = new Map<string, Transfer>();

  get(id: string): Transfer | undefined {
    return this.byId.get(id);
  }

  /** Newest first. */
  of(projectId: string): readonly Transfer[] {
    return [...this.byId.values()].filter((transfer) => transfer.projectId === projectId).reverse();
  }

  all(): readonly Transfer[] {
    return [...this.byId.values()];
  }

  apply(change: TransferChange): void {
    if (change.kind === 'transfer') this.byId.set(change.transfer.id, change.transfer);
    else this.byId.delete(change.transferId);
  }

  /** With a disk that is gone its offer is gone too. */
  forgetDisk(volumeId: string): void {
    for (const { id, volumeId: offered } of this.byId.values()) if (offered === volumeId) this.byId.delete(id);
  }

  clear(): void {
    this.byId.clear();
  }
}
