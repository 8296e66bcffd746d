/** A limit of −1 means unlimited (EVS reference §3). */
export type QuotaLimits = Readonly<Record<string, number>>;

export interface SeedProject {
  /** 32 lower-case hex characters. */
  readonly id: string;
  readonly name: string;
  readonly quota?: QuotaLimits;
}

export interface SeedAccessKey {
  readonly accessKey: string;
  readonly secretKey: string;
}

export interface Seed {
  readonly domain: { readonly id: string; readonly name: string };
  readonly user: { readonly id: string; readonly name: string; readonly password: string };
  /** Of the user, without an end. */
  readonly accessKeys: readonly SeedAccessKey[];
  readonly projects: readonly SeedProject[];
}

export interface SimulatorOptions {
  /** 0 or absent: any free port. */
  readonly port?: number;
  /** Absent: 127.0.0.1. */
  readonly host?: string;
  /** Where the state is kept over restarts; absent: in memory only. */
  readonly dataFolder?: string;
  /** Who may enter, and which cloud projects exist from the start. Members left out keep their defaults. */
  readonly seed?: Partial<Seed>;
  /** How long a job takes, by the simulator's clock. */
  readonly jobMs?: number;
  /** How long each answer is held back, in real time. */
  readonly requestMs?: number;
}

export const DEFAULT_PORT = 7071;
export const DEFAULT_JOB_MS = 1_500;
export const REGION = 'eu-de';

export const DEFAULT_QUOTA: QuotaLimits = {
  volumes: 10_000,
  gigabytes: 1_000_000,
  per_volume_gigabytes: 32_768,
};

/** The only account that a simulator knows unless it is told otherwise. It guards nothing but simulated disks. */
export const DEFAULT_SEED: Seed = {
  domain: { id: '5d0b6a1c2e3f4a7b8c9d0e1f2a3b4c5d', name: 'strata-simulator' },
  user: { id: '6e1c7b2d3f404b8c9dae0f1a2b3c4d5e', name: 'strata', password: 'strata-simulator' },
  accessKeys: [{ accessKey: 'STRATASIMULATOR00001', secretKey: 'strata-simulator-secret-key-of-the-user0' }],
  projects: [{ id: '0123456789abcdef0123456789abcdef', name: 'eu-de_strata', quota: DEFAULT_QUOTA }],
};
