import { createHash } from 'node:crypto';
import { seedZones } from './catalogue.js';

/** The statuses of an ECS as its API names them; PAUSED and SUSPENDED are Nova's (EVS reference §1.5, §1.6). */
export const SERVER_STATUSES = [
  'ACTIVE',
  'BUILD',
  'ERROR',
  'HARD_REBOOT',
  'MIGRATING',
  'PAUSED',
  'REBOOT',
  'REBUILD',
  'RESIZE',
  'REVERT_RESIZE',
  'SHELVED',
  'SHELVED_OFFLOADED',
  'SHUTOFF',
  'SUSPENDED',
  'UNKNOWN',
  'VERIFY_RESIZE',
] as const;
export type ServerStatus = (typeof SERVER_STATUSES)[number];

/** In which a disk can be attached. */
export const ATTACHABLE: readonly ServerStatus[] = ['ACTIVE', 'SHUTOFF', 'VERIFY_RESIZE'];
/** In which an attached disk can be extended (EVS.1066 otherwise). */
export const EXTENDABLE: readonly ServerStatus[] = ['ACTIVE', 'PAUSED', 'SUSPENDED', 'SHUTOFF'];

export const OS_TYPES = ['Linux', 'Windows'] as const;
export type OsType = (typeof OS_TYPES)[number];

/** A compute server: no more of it than disks need to know. Which disks it has stands with the disks. */
export interface Server {
  readonly id: string;
  readonly projectId: string;
  readonly name: string;
  readonly status: ServerStatus;
  readonly zone: string;
  readonly osType: OsType;
  readonly createdMs: number;
  readonly updatedMs: number;
}

const seeded: readonly Pick<Server, 'name' | 'status' | 'osType'>[] = [
  { name: 'app-1', status: 'ACTIVE', osType: 'Linux' },
  { name: 'app-2', status: 'ACTIVE', osType: 'Linux' },
  { name: 'batch-1', status: 'SHUTOFF', osType: 'Windows' },
];
const SEEDED_MS = Date.UTC(2026, 0, 1);

/** A UUID that the same words always lead to. */
const uuidFrom = (words: string): string => {
  const hex = createHash('sha256').update(words).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
};

/** The servers that a project has from the start: the same ones, with the same ids, every time. */
export const seedServers = (projectId: string): readonly Server[] =>
  seedZones.flatMap((zone) =>
    seeded.map(({ name, ...rest }) => ({
      id: uuidFrom(`${projectId}/${zone}/${name}`),
      projectId,
      name: `${zone}-${name}`,
      zone,
      ...rest,
      createdMs: SEEDED_MS,
      updatedMs: SEEDED_MS,
    })),
  );
