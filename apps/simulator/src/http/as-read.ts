import type { Readings } from '../readings.js';
import type { Answer, Surface } from './envelope.js';
import type { Operation } from './operation.js';
import { isObject, type Members } from './read.js';

interface Answered {
  readonly operation: Operation;
  readonly surface: Surface;
}

/** What only the look of an answer depends on, of all that the documents leave open (EVS reference §10). */
export const asRead = (readings: Readings, { operation, surface }: Answered, answer: Answer): Answer => {
  if (answer.status >= 400)
    return surface === 'cinder' ? { ...answer, body: faultAsRead(readings, answer.body) } : answer;
  if (isAction(operation) && answer.status === 200 && answer.body === undefined)
    return { ...answer, status: Number(readings.setBootable) };
  return { ...answer, body: bodyAsRead(readings, operation, answer.body) };
};

/** Of the actions only `os-set_bootable` answers 200 without a body. */
const isAction = (operation: Operation): boolean => operation === 'volumes.action';

const lists: readonly Operation[] = ['disks.list', 'disks.listDetail', 'volumes.list'];

const bodyAsRead = ({ encryptedInLists, gpssdQuota, snapshotTimes }: Readings, operation: Operation, body: unknown) => {
  if (lists.includes(operation) && encryptedInLists === 'absent') return without(body, (key) => key === 'encrypted');
  if (operation === 'quotas.get' && gpssdQuota === 'absent') return without(body, (key) => key.endsWith('_GPSSD'));
  if (/^(s|cinderS)napshots\./.test(operation) && snapshotTimes === 'lower-case') return withLowerT(body);
  return body;
};

/** `{"badRequest":{"code":400}}`, `{"badrequest":{"code":"400"}}`. */
const faultAsRead = ({ faultNames, faultCodes }: Readings, body: unknown): unknown => {
  if (!isObject(body)) return body;
  const entries = Object.entries(body).map(([name, fault]) => [
    faultNames === 'lower-case' ? name.toLowerCase() : name,
    isObject(fault) && faultCodes === 'text' ? { ...fault, code: String(fault['code']) } : fault,
  ]);
  return Object.fromEntries(entries) as Members;
};

/** The same body without some members, however deep they stand. */
const without = (value: unknown, isGone: (key: string) => boolean): unknown => {
  if (Array.isArray(value)) return value.map((each) => without(each, isGone));
  if (!isObject(value)) return value;
  const kept = Object.entries(value).filter(([key]) => !isGone(key));
  return Object.fromEntries(kept.map(([key, each]) => [key, without(each, isGone)]));
};

const withLowerT = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(withLowerT);
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, each]) => [
      key,
      key === 'created_at' && typeof each === 'string' ? each.replace('T', 't') : withLowerT(each),
    ]),
  );
};
