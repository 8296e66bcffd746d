import type { FaultSpec } from './faults/fault.js';
import type { Simulator } from './simulator.js';

/** How long a spec polls for what must come to pass. */
export const patience = { timeout: 20_000 };

export interface Received<Body> {
  readonly status: number;
  readonly headers: Headers;
  /** Parsed JSON; undefined for an empty body. What it looks like is for the caller to know. */
  readonly body: Body;
}

export interface VolumeBody {
  readonly id: string;
  readonly name: string | null;
  readonly status: string;
  readonly size: number;
  readonly metadata: Readonly<Record<string, string>>;
  readonly tags: Readonly<Record<string, string>>;
  readonly snapshot_id: string | null;
  readonly created_at: string;
  readonly updated_at: string | null;
  readonly attachments: readonly AttachmentBody[];
}

export interface AttachmentBody {
  readonly server_id: string;
  readonly attachment_id: string;
  readonly attached_at: string;
  readonly device: string;
}

export interface JobBody {
  readonly status: string;
  readonly end_time: string;
  readonly error_code: string | null;
  readonly entities: { readonly volume_id?: string; readonly sub_jobs?: readonly JobBody[] };
}

export interface SnapshotBody {
  readonly id: string;
  readonly name: string | null;
  readonly description: string | null;
  readonly status: string;
  readonly volume_id: string;
  readonly size: number;
  readonly metadata: Readonly<Record<string, string>>;
  readonly created_at: string;
  readonly updated_at: string | null;
}

export interface ListBody {
  readonly count: number;
  readonly volumes: readonly VolumeBody[];
  readonly volumes_links: readonly { readonly rel: string; readonly href: string }[];
}

/** One caller with a token, as the specs need it: plain requests, and the few words that every spec says. */
export class CloudClient {
  constructor(
    readonly url: string,
    readonly projectId: string,
    readonly token: string,
  ) {}

  async request<Body = unknown>(
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<Received<Body>> {
    const response = await fetch(`${this.url}${path}`, {
      method,
      headers: {
        'X-Auth-Token': this.token,
        ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return {
      status: response.status,
      headers: response.headers,
      body: (text === '' ? undefined : JSON.parse(text)) as Body,
    };
  }

  /** A path below `/v2/{project}`. */
  evs<Body = unknown>(method: string, path: string, body?: unknown): Promise<Received<Body>> {
    return this.request<Body>(method, `/v2/${this.projectId}${path}`, body);
  }

  /** A switch of the simulator. */
  switch<Body = unknown>(method: string, path: string, body?: unknown): Promise<Received<Body>> {
    return this.request<Body>(method, `/_simulator${path}`, body);
  }

  create(volume: Readonly<Record<string, unknown>> = {}): Promise<Received<{ readonly job_id: string }>> {
    return this.evs('POST', '/cloudvolumes', {
      volume: { availability_zone: 'eu-de-01', volume_type: 'SSD', size: 10, ...volume },
    });
  }

  /** Makes a disk and returns its id. Jobs must take no time. */
  async disk(volume: Readonly<Record<string, unknown>> = {}): Promise<string> {
    const { body } = await this.create(volume);
    const job = await this.job(body.job_id);
    if (job.body.entities.volume_id === undefined) throw new Error(`no disk: ${JSON.stringify(job.body)}`);
    return job.body.entities.volume_id;
  }

  /** A path below `/ecs/v1/{project}`. */
  ecs<Body = unknown>(method: string, path: string, body?: unknown): Promise<Received<Body>> {
    return this.request<Body>(method, `/ecs/v1/${this.projectId}${path}`, body);
  }

  /** Begins to take a snapshot and returns its id. */
  async takeSnapshot(volumeId: string, snapshot: Readonly<Record<string, unknown>> = {}): Promise<string> {
    type Created = { snapshot?: SnapshotBody };
    const body = { snapshot: { volume_id: volumeId, ...snapshot } };
    const received = await this.evs<Created>('POST', '/cloudsnapshots', body);
    if (!received.body.snapshot) throw new Error(`no snapshot: ${JSON.stringify(received.body)}`);
    return received.body.snapshot.id;
  }

  async snapshot(id: string): Promise<SnapshotBody> {
    return (await this.evs<{ snapshot: SnapshotBody }>('GET', `/cloudsnapshots/${id}`)).body.snapshot;
  }

  job(jobId: string): Promise<Received<JobBody>> {
    return this.request('GET', `/v1/${this.projectId}/jobs/${jobId}`);
  }

  async volume(id: string): Promise<VolumeBody> {
    return (await this.evs<{ volume: VolumeBody }>('GET', `/os-vendor-volumes/${id}`)).body.volume;
  }

  async list(query = ''): Promise<ListBody> {
    return (await this.evs<ListBody>('GET', `/cloudvolumes/detail${query}`)).body;
  }

  async quota(key: string): Promise<{ readonly reserved: number; readonly limit: number; readonly in_use: number }> {
    type QuotaBody = { quota_set: Record<string, { reserved: number; limit: number; in_use: number }> };
    const { body } = await this.evs<QuotaBody>('GET', `/os-quota-sets/${this.projectId}?usage=True`);
    const found = body.quota_set[key];
    if (!found) throw new Error(`no quota ${key}`);
    return found;
  }

  async faults(...faults: FaultSpec[]): Promise<void> {
    await this.switch('POST', '/faults', { faults });
  }

  /** Stops the clock, so that only `advance` moves it. */
  async freeze(): Promise<void> {
    await this.switch('POST', '/clock', { rate: 0 });
  }

  async advance(advanceMs: number): Promise<void> {
    await this.switch('POST', '/clock', { advanceMs });
  }
}

export const passwordBody = (simulator: Simulator, projectId: string) => ({
  auth: {
    identity: {
      methods: ['password'],
      password: {
        user: {
          name: simulator.seed.user.name,
          password: simulator.seed.user.password,
          domain: { name: simulator.seed.domain.name },
        },
      },
    },
    scope: { project: { id: projectId } },
  },
});

/** Gets a token for a project; without one for the first that was seeded. */
export const enter = async (
  simulator: Simulator,
  projectId = simulator.seed.projects[0]?.id ?? '',
): Promise<CloudClient> => {
  const stranger = new CloudClient(simulator.url, projectId, '');
  const { headers } = await stranger.request('POST', '/v3/auth/tokens', passwordBody(simulator, projectId));
  return new CloudClient(simulator.url, projectId, headers.get('x-subject-token') ?? '');
};
