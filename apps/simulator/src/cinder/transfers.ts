import type { Cloud } from '../cloud.js';
import { sightOf } from '../evs/disk-query.js';
import type { Call, Route } from '../http/call.js';
import type { Answer } from '../http/envelope.js';
import { isObject, member } from '../http/read.js';
import { isRefusal, refuse, type Refusal } from '../http/refusal.js';
import { resourceTime } from '../world/times.js';
import type { Transfer } from '../world/transfer.js';
import { acceptDisk, findTransfer, offerDisk, takeBack } from '../world/transfer-work.js';

const collection = '/v2/:projectId/os-volume-transfer';
const single = `${collection}/:transferId`;

/** Disks that pass from one project to another (C9; EVS reference §1.9). */
export const transferRoutes = (cloud: Cloud): readonly Route[] => [
  {
    operation: 'transfers.create',
    method: 'POST',
    paths: [collection],
    ...changing,
    handle: (call) => create(cloud, call),
  },
  {
    operation: 'transfers.listBrief',
    method: 'GET',
    paths: [collection],
    surface: 'cinder',
    handle: (call) => list(cloud, call, brief),
  },
  {
    operation: 'transfers.list',
    method: 'GET',
    paths: [`${collection}/detail`],
    surface: 'cinder',
    handle: (call) => list(cloud, call, detail),
  },
  {
    operation: 'transfers.get',
    method: 'GET',
    paths: [single],
    surface: 'cinder',
    handle: (call) => {
      const transfer = findTransfer(cloud, call);
      return isRefusal(transfer) ? transfer : { status: 200, body: { transfer: detail(transfer, call) } };
    },
  },
  {
    operation: 'transfers.accept',
    method: 'POST',
    paths: [`${single}/accept`],
    ...changing,
    handle: (call) => accept(cloud, call),
  },
  {
    operation: 'transfers.delete',
    method: 'DELETE',
    paths: [single],
    ...changing,
    handle: (call) => {
      const transfer = takeBack(cloud, call);
      return isRefusal(transfer) ? transfer : { status: 202 };
    },
  },
];

const changing = { surface: 'cinder', malformed: 'EVS.5400', writes: true } as const;
const MAX_NAME = 255;

/** Only here the key is told. */
const create = (cloud: Cloud, call: Call): Answer | Refusal => {
  const wanted = member(call.body, 'transfer');
  if (!isObject(wanted)) return refuse('EVS.5400', 'a transfer is missing');
  const { volume_id: volumeId, name } = wanted;
  if (typeof volumeId !== 'string') return refuse('EVS.5400', 'volume_id is missing');
  if (typeof name !== 'string' || name === '') return refuse('EVS.5400', 'name is missing');
  if ([...name].length > MAX_NAME) return refuse('EVS.5400', `a name has at most ${MAX_NAME} characters`);
  const transfer = offerDisk(cloud, call, volumeId, name);
  if (isRefusal(transfer)) return transfer;
  return { status: 202, body: { transfer: { ...detail(transfer, call), auth_key: transfer.authKey } } };
};

const accept = (cloud: Cloud, call: Call): Answer | Refusal => {
  const authKey = member(member(call.body, 'accept'), 'auth_key');
  if (typeof authKey !== 'string') return refuse('EVS.5400', 'auth_key is missing');
  const transfer = acceptDisk(cloud, call, authKey);
  if (isRefusal(transfer)) return transfer;
  const { id, name, volumeId } = transfer;
  // It has ended with this answer, so that nothing is left to link to.
  return { status: 202, body: { transfer: { id, name, volume_id: volumeId, links: [] } } };
};

const wholeNumber = /^\d{1,10}$/;
const MAX_LIMIT = 1_000;

const list = (cloud: Cloud, call: Call, view: (transfer: Transfer, call: Call) => unknown): Answer | Refusal => {
  const { limit = String(MAX_LIMIT), offset = '0' } = call.query;
  if (!wholeNumber.test(limit) || Number(limit) < 1 || Number(limit) > MAX_LIMIT) return refuse('EVS.1023');
  if (!wholeNumber.test(offset)) return refuse('EVS.5400', 'offset');
  const asOfMs = sightOf(cloud, call)?.asOfMs ?? Infinity;
  const known = cloud.world.transfers.of(call.projectId).filter(({ createdMicros }) => createdMicros <= asOfMs * 1_000);
  const page = known.slice(Number(offset), Number(offset) + Number(limit));
  return { status: 200, body: { transfers: page.map((transfer) => view(transfer, call)) } };
};

const brief = ({ id, name, projectId, volumeId }: Transfer, { baseUrl, microversion }: Call) => ({
  id,
  name,
  volume_id: volumeId,
  links: [
    { rel: 'self', href: `${baseUrl}/${microversion === null ? 'v2' : 'v3'}/${projectId}/os-volume-transfer/${id}` },
    { rel: 'bookmark', href: `${baseUrl}/${projectId}/os-volume-transfer/${id}` },
  ],
});

const detail = (transfer: Transfer, call: Call) => ({
  ...brief(transfer, call),
  created_at: resourceTime(transfer.createdMicros),
});
