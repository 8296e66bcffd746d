/** The statuses of an image as IMS names them (EVS reference §2.3, §6). */
export const IMAGE_STATUSES = ['queued', 'saving', 'active', 'killed', 'deleted'] as const;
export type ImageStatus = (typeof IMAGE_STATUSES)[number];

/** What an image is for: a server's system disk, a data disk, a bare-metal server, an installation. */
export const VIRTUAL_ENV_TYPES = ['FusionCompute', 'DataImage', 'Ironic', 'IsoImage'] as const;
export type VirtualEnvType = (typeof VIRTUAL_ENV_TYPES)[number];

export const IMAGE_OS_TYPES = ['Linux', 'Windows', 'Other'] as const;

/** Whether a project that an image was shared with wants it. */
export const MEMBER_STATUSES = ['pending', 'accepted', 'rejected'] as const;
export type MemberStatus = (typeof MEMBER_STATUSES)[number];

export interface Image {
  readonly id: string;
  readonly name: string;
  readonly status: ImageStatus;
  /** Whose it is; null: the cloud's own, which everybody may use. */
  readonly projectId: string | null;
  /** By project: with whom it is shared. */
  readonly members: Readonly<Record<string, MemberStatus>>;
  /** GB. */
  readonly minDisk: number;
  readonly bytes: number;
  readonly virtualEnvType: VirtualEnvType;
  readonly osType: (typeof IMAGE_OS_TYPES)[number];
  readonly osVersion: string;
  readonly platform: string;
  /** The key that encrypts it, and each disk made from it. */
  readonly cmkId: string | null;
  readonly createdMs: number;
  readonly updatedMs: number;
}

/** As what an image stands before a project: `visibility` of the lists. */
export type Visibility = 'public' | 'private' | 'shared';

/** Null where the project may not see it. The owner of a shared image sees it as private. */
export const visibilityTo = ({ projectId, members }: Image, viewer: string): Visibility | null => {
  if (projectId === null) return 'public';
  if (projectId === viewer) return 'private';
  return Object.hasOwn(members, viewer) ? 'shared' : null;
};

/** Whether a project may make disks of it: one that was only offered must be accepted first. */
export const mayUse = (image: Image, viewer: string): boolean => {
  const visibility = visibilityTo(image, viewer);
  return visibility === 'shared' ? image.members[viewer] === 'accepted' : visibility !== null;
};

/** Disks are made of images for system and data disks (EVS reference §1.4, §6). */
export const isUsable = ({ virtualEnvType }: Image): boolean =>
  virtualEnvType === 'FusionCompute' || virtualEnvType === 'DataImage';

const GIB = 1_073_741_824;
const SEEDED_MS = Date.UTC(2025, 10, 4, 10);
const HOUR_MS = 3_600_000;

const seeded = [
  [
    '4c1a9f70-6b2e-4d83-9e15-a07c3d8f5b21',
    'Standard_Debian_12_amd64_bios_latest',
    'Debian GNU/Linux 12 64bit',
    'Debian',
    8,
  ],
  [
    '9d3e7b14-2f60-4a5c-8b97-16e4c0d2a873',
    'Standard_Ubuntu_24.04_amd64_bios_latest',
    'Ubuntu 24.04 server 64bit',
    'Ubuntu',
    10,
  ],
  [
    'b7f20c58-e941-4637-a2d0-5c8e1f6b9043',
    'Standard_Windows_2022_STD_amd64_bios_latest',
    'Windows Server 2022 Standard 64bit',
    'Windows',
    40,
  ],
  ['e05d8a36-7c19-4fb2-93e4-d2a61b7f0c58', 'Standard_Debian_12_BMS_latest', 'Debian GNU/Linux 12 64bit', 'Debian', 10],
] as const;

/** Public images that are there from the start; the one for bare metal is of no use for disks. */
export const seedImages: readonly Image[] = seeded.map(([id, name, osVersion, platform, minDisk], index) => ({
  id,
  name,
  status: 'active',
  projectId: null,
  members: {},
  minDisk,
  bytes: minDisk * GIB * 0.125,
  virtualEnvType: name.includes('BMS') ? 'Ironic' : 'FusionCompute',
  osType: platform === 'Windows' ? 'Windows' : 'Linux',
  osVersion,
  platform,
  cmkId: null,
  createdMs: SEEDED_MS + index * HOUR_MS,
  updatedMs: SEEDED_MS + index * HOUR_MS,
}));
