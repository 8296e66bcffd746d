import type { RefusalReason } from '../disk-cloud.js';

/**
 * What a code of the cloud means for us. `token-rejected`: log in again, once. `nothing-happened`: transient, and refused
 * before any effect. `unclear`: the work may have been taken on.
 */
export type Meaning =
  | { readonly kind: 'refused'; readonly reason: RefusalReason }
  | { readonly kind: 'token-rejected' }
  | { readonly kind: 'nothing-happened' }
  | { readonly kind: 'throttled' }
  | { readonly kind: 'unclear' };

const refused = (reason: RefusalReason): Meaning => ({ kind: 'refused', reason });
const rows = (meaning: Meaning, prefix: string, ...numbers: readonly string[]) =>
  numbers.map((number) => [`${prefix}.${number}`, meaning] as const);

/** EVS reference §4.2, §4.3 and §7.5, and of ECS what attaching can meet. A code that is missing here means what its HTTP status means. */
const catalogue: ReadonlyMap<string, Meaning> = new Map([
  ...rows(refused('cloud-quota-exceeded'), 'EVS', '1034', '1042', '5413'),
  ...rows(refused('not-found'), 'EVS', '5404'),
  ...rows(refused('state-conflict'), 'EVS', '1014', '1015', '1044', '1045', '1046', '1047', '1048'),
  ...rows(refused('state-conflict'), 'EVS', '1064', '1065', '1066', '2043', '2068', '2089', '2130'),
  ...rows(refused('type-unavailable'), 'EVS', '1020', '2070', '2071', '2072', '2087'),
  ...rows(refused('zone-unavailable'), 'EVS', '1036', '2053'),
  ...rows(refused('forbidden'), 'EVS', '0003', '1027', '2055', '2056', '2143', '2144', '2145', '5403'),
  ...rows(refused('other'), 'EVS', '0001', '1012', '2093'),
  ...rows({ kind: 'token-rejected' }, 'EVS', '0002', '2034', '2035', '2036', '5401'),
  // Refused while the request was still being checked: quota, order, key, server or token could not be read.
  ...rows({ kind: 'nothing-happened' }, 'EVS', '1033', '2010', '2013', '2032', '2033', '2044', '2052', '2131', '2134'),
  ...rows(refused('cloud-quota-exceeded'), 'Ecs', '0021'),
  ...rows(refused('not-found'), 'Ecs', '0114', '0614'),
  ...rows(refused('state-conflict'), 'Ecs', '0017', '0057', '0073', '0100', '0101', '0102', '0103'),
  ...rows(refused('state-conflict'), 'Ecs', '0104', '0111', '0605'),
  ...rows(refused('forbidden'), 'Ecs', '0003'),
  ...rows({ kind: 'token-rejected' }, 'Ecs', '0004'),
  ...rows({ kind: 'unclear' }, 'Ecs', '0002'),
  ...rows({ kind: 'nothing-happened' }, 'Ecs', '0301'),
  // Of images (EVS reference §6): flow control comes as a 400.
  ...rows({ kind: 'throttled' }, 'IMG', '0060'),
  ...rows({ kind: 'token-rejected' }, 'IMG', '0087'),
  ...rows(refused('forbidden'), 'IMG', '0026'),
  ...rows(refused('not-found'), 'IMG', '0027', '0086', '0144'),
  ...rows({ kind: 'token-rejected' }, 'Common', '0013'),
  ...rows(refused('other'), 'Common', '0018'),
  ...rows({ kind: 'token-rejected' }, 'APIG', '0301', '0305', '0307'),
  ...rows(refused('forbidden'), 'APIG', '0302', '0310', '0802'),
  ...rows({ kind: 'throttled' }, 'APIG', '0308'),
  // Of access keys (EVS reference §7.5).
  ...rows({ kind: 'token-rejected' }, 'IAM', '1104', '1105', '1106', '1107', '1108'),
  ...rows(refused('forbidden'), 'IAM', '1109'),
  // The gateway knows no such path, or could not ask who the caller is: the service behind it saw nothing.
  ...rows(refused('other'), 'APIG', '0101'),
  ...rows({ kind: 'nothing-happened' }, 'APIG', '0613'),
]);

const byStatus = (status: number, isOverLimit: boolean): Meaning => {
  switch (status) {
    case 400:
      return refused('invalid');
    case 401:
      return { kind: 'token-rejected' };
    case 403:
      return refused('forbidden');
    case 404:
      return refused('not-found');
    case 408:
      return { kind: 'unclear' };
    case 409:
      return refused('state-conflict');
    case 413:
      return refused(isOverLimit ? 'cloud-quota-exceeded' : 'invalid');
    case 429:
      return { kind: 'throttled' };
    default:
      return status >= 400 && status < 500 ? refused('other') : { kind: 'unclear' };
  }
};

/** `isOverLimit`: the body says so (Cinder's `overLimit`), which tells a quota from a body that was too large. */
export const meaningOf = (code: string | null, status: number, isOverLimit: boolean): Meaning =>
  (code === null ? undefined : catalogue.get(code.replace(/^APIGW\./, 'APIG.'))) ?? byStatus(status, isOverLimit);
