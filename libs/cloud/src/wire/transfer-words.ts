import { z } from 'zod';
import { parseTime } from '../evs/evs.times.js';
import { keyNotTold, TransferKey, type CloudTransfer, type Offered } from '../transfer-cloud.js';
import { Secrets } from './secrets.js';
import type { Answered, NotAccepted } from './service-client.js';

const text = z.string().nullish();

/** A volume transfer as Cinder writes it, which EVS does too (EVS reference §1.9). */
export const VolumeTransfer = z.object({
  id: z.string().min(1),
  volume_id: z.string().min(1),
  name: text,
  created_at: text,
});

export const transferOf = ({ id, volume_id, name, created_at }: z.infer<typeof VolumeTransfer>): CloudTransfer => {
  const createdAt = parseTime(created_at) ?? new Date(0).toISOString();
  return { transferId: id, cloudDiskId: volume_id, name: name ?? '', createdAt };
};

const Transfer = VolumeTransfer.transform(transferOf);
export const OneTransfer = z.object({ transfer: Transfer });
export const TransferPage = z.object({ transfers: z.array(Transfer) });

const Created = z.object({ transfer: z.object({ id: z.string().min(1), auth_key: z.string().min(1) }) });

/** What an answered creation comes to. */
export const offeredBy = ({ json, requestId }: Answered): Offered => {
  const created = Created.safeParse(json);
  if (!created.success) return { outcome: 'unknown', fault: keyNotTold(requestId) };
  const { id: transferId, auth_key: key } = created.data.transfer;
  return { outcome: 'offered', transferId, key: new TransferKey(key), requestId };
};

const Accepted = z.object({ transfer: z.object({ volume_id: z.string().min(1) }) });

/** The disk that an answered acceptance names; null where it names none. */
export const acceptedDiskOf = ({ json }: Answered): string | null =>
  Accepted.safeParse(json).data?.transfer.volume_id ?? null;

/** A cloud may repeat in a fault what it was sent: the key does not go into it. */
export const withoutKey = (answer: NotAccepted, key: TransferKey): NotAccepted => {
  const message = new Secrets(key.reveal()).clean(answer.fault.message);
  return { ...answer, fault: { ...answer.fault, message } };
};

/** As many as the clouds give in one answer (EVS reference §8.2). */
export const transferPageSize = 1000;
/** Offers are few, and short of life: beyond that something is wrong with the paging. */
export const mostTransferPages = 100;
