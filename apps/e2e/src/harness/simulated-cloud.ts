import type { FaultSpec } from '@strata/simulator';

export interface SimulatedDisk {
  readonly id: string;
  readonly name: string;
  readonly status: string;
  readonly size: number;
  readonly volumeType: string;
  readonly bootable: boolean;
  readonly attachments: readonly { readonly serverId: string }[];
  readonly metadata: Readonly<Record<string, string>>;
  readonly tags: Readonly<Record<string, string>>;
}

export interface SimulatedJob {
  readonly id: string;
  readonly type: string;
  readonly status: 'INIT' | 'RUNNING' | 'SUCCESS' | 'FAIL';
  readonly diskId: string | null;
}

export interface SimulatedSnapshot {
  readonly id: string;
  readonly status: string;
}

export interface SimulatedImage {
  readonly id: string;
  readonly name: string;
  readonly status: string;
}

interface State {
  readonly images: readonly SimulatedImage[];
  readonly projects: readonly {
    readonly disks: readonly SimulatedDisk[];
    readonly snapshots: readonly SimulatedSnapshot[];
    readonly servers: readonly { readonly id: string; readonly availabilityZone: string; readonly status: string }[];
    readonly jobs: readonly SimulatedJob[];
  }[];
}

/** The one that the simulator has from the start. */
export const cloudProjectId = '0123456789abcdef0123456789abcdef';

/** The simulator's switches, from outside. */
export class SimulatedCloud {
  constructor(readonly url: string) {}

  async disks(): Promise<readonly SimulatedDisk[]> {
    return (await this.state()).projects.flatMap(({ disks }) => disks);
  }

  async snapshots(): Promise<readonly SimulatedSnapshot[]> {
    return (await this.state()).projects.flatMap(({ snapshots }) => snapshots);
  }

  async images(): Promise<readonly SimulatedImage[]> {
    return (await this.state()).images;
  }

  /** Disks that somebody else makes in the same cloud project, at once; their ids. */
  async plant(disks: {
    readonly name: string;
    readonly count?: number;
    readonly tags?: Readonly<Record<string, string>>;
  }): Promise<readonly string[]> {
    const body = { projectId: cloudProjectId, availabilityZone: 'eu-de-01', ...disks };
    const made = await this.ask<{ disks: readonly { id: string }[] }>('POST', '/disks', body);
    return made.disks.map(({ id }) => id);
  }

  /** A snapshot that somebody else takes; its id. */
  async plantSnapshot(diskId: string, name: string): Promise<string> {
    return (await this.ask<{ id: string }>('POST', `/disks/${diskId}/snapshots`, { name })).id;
  }

  /** As somebody else would who works in the same cloud project. */
  async removeBehind(diskId: string): Promise<void> {
    await this.ask('POST', `/disks/${diskId}`, { delete: true });
  }

  /** A server that runs in the zone. */
  async serverIn(zone: string): Promise<string> {
    const servers = (await this.state()).projects.flatMap((project) => project.servers);
    const found = servers.find(({ availabilityZone, status }) => availabilityZone === zone && status === 'ACTIVE');
    if (found === undefined) throw new Error(`no server runs in ${zone}`);
    return found.id;
  }

  async jobs(): Promise<readonly SimulatedJob[]> {
    return (await this.state()).projects.flatMap(({ jobs }) => jobs);
  }

  /** How long each job takes that begins from now on, in ms. */
  async jobsTake(jobMs: number): Promise<void> {
    await this.ask('POST', '/latency', { jobMs });
  }

  /** How long each request takes from now on, in ms. */
  async requestsTake(requestMs: number): Promise<void> {
    await this.ask('POST', '/latency', { requestMs });
  }

  /** `rate`: how many times as fast as real time, 0 stands still; `advanceMs`: so much further at once. */
  async clock(change: { readonly rate?: number; readonly advanceMs?: number }): Promise<void> {
    await this.ask('POST', '/clock', change);
  }

  async faults(faults: readonly FaultSpec[], seed = 1): Promise<void> {
    await this.ask('POST', '/faults', { seed, faults });
  }

  /** As somebody else would who works in the same cloud project. */
  async changeBehind(diskId: string, change: Partial<Pick<SimulatedDisk, 'name' | 'size' | 'status'>>): Promise<void> {
    await this.ask('POST', `/disks/${diskId}`, change);
  }

  /** How often each fault that is switched on has fired, in their order. */
  async fired(): Promise<readonly { readonly kind: string; readonly fired: number }[]> {
    const { faults } = await this.ask<{ faults: { kind: string; fired: number }[] }>('GET', '/faults');
    return faults;
  }

  async calls(): Promise<Readonly<Record<string, { readonly total: number }>>> {
    return (await this.ask<{ calls: Record<string, { total: number }> }>('GET', '/requests')).calls;
  }

  /** How many calls of a kind were answered as done. */
  async effects(operation: string): Promise<number> {
    interface Counts {
      readonly calls: Readonly<Record<string, { readonly byStatus: Readonly<Record<string, number>> }>>;
    }
    const { byStatus = {} } = (await this.ask<Counts>('GET', '/requests')).calls[operation] ?? {};
    return Object.entries(byStatus).reduce((sum, [status, n]) => sum + (status.startsWith('2') ? n : 0), 0);
  }

  private state(): Promise<State> {
    return this.ask('GET', '/state');
  }

  private async ask<Body>(method: string, path: string, body?: unknown): Promise<Body> {
    const response = await fetch(`${this.url}/_simulator${path}`, {
      method,
      signal: AbortSignal.timeout(20_000),
      ...(body === undefined ? {} : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
    });
    if (!response.ok) throw new Error(`the simulator answered ${response.status}: ${await response.text()}`);
    return (await response.json()) as Body;
  }
}
