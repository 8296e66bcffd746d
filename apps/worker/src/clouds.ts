import type { CloudAccess, DiskCloud } from '@strata/cloud';
import { everything, type EventStore } from '@strata/event-store';
import { fold } from '@strata/kernel';
import { binding, type BindingEvent } from '@strata/projects';
import { z } from 'zod';

/** What stands behind a binding's reference to a secret: JSON. */
const Credentials = z.object({
  domain: z.string().min(1),
  user: z.string().min(1),
  password: z.string().min(1),
});

export interface CloudsPorts {
  readonly store: EventStore;
  readonly secretOf: (ref: string) => Promise<string | undefined>;
  readonly open: (access: CloudAccess) => DiskCloud;
  /** Told without the secret. */
  readonly onFault: (bindingId: string, problem: string) => void;
  readonly nowMs: () => number;
}

interface Known {
  readonly cloud: DiskCloud;
  readonly fingerprint: string;
  readonly lookedAtMs: number;
}

/** A binding may change: its stream is looked at again after this long. */
const freshForMs = 30_000;

/** One open cloud for each binding, with its token and its connections. */
export class Clouds {
  private readonly known = new Map<string, Promise<Known | undefined>>();

  constructor(private readonly ports: CloudsPorts) {}

  /** Undefined while the binding, or the secret it names, cannot be had. */
  async of(bindingId: string): Promise<DiskCloud | undefined> {
    const before = await this.known.get(bindingId);
    if (before !== undefined && this.ports.nowMs() - before.lookedAtMs < freshForMs) return before.cloud;
    const opening = this.openOrKeep(bindingId, before);
    this.known.set(bindingId, opening);
    return (await opening)?.cloud;
  }

  async close(): Promise<void> {
    const all = await Promise.allSettled(this.known.values());
    await Promise.allSettled(all.map((each) => (each.status === 'fulfilled' ? each.value?.cloud.close() : undefined)));
  }

  private async openOrKeep(bindingId: string, before: Known | undefined): Promise<Known | undefined> {
    const access = await this.accessOf(bindingId);
    if (access === undefined) return undefined;
    const fingerprint = JSON.stringify(access);
    const lookedAtMs = this.ports.nowMs();
    if (before?.fingerprint === fingerprint) return { ...before, lookedAtMs };
    void before?.cloud.close();
    return { cloud: this.ports.open(access), fingerprint, lookedAtMs };
  }

  private async accessOf(bindingId: string): Promise<CloudAccess | undefined> {
    const [stream] = (await this.ports.store.load({ sight: everything, streams: [`binding-${bindingId}`] })).streams;
    // The category of the stream guarantees the union.
    const live = fold(binding, (stream?.events ?? []) as unknown as readonly BindingEvent[]);
    if (live.status !== 'live') return this.without(bindingId, 'there is no such binding');
    const { kind, region, endpoints, cloudProjectId, credentials } = live.access;
    const secret = await this.ports.secretOf(credentials.ref);
    if (secret === undefined)
      return this.without(bindingId, `no secret is known under the reference ${credentials.ref}`);
    const parsed = Credentials.safeParse(parseJson(secret));
    if (!parsed.success)
      return this.without(bindingId, `the secret ${credentials.ref} is not {domain, user, password}`);
    return { kind, region, endpoints, cloudProjectId, credentials: parsed.data };
  }

  private without(bindingId: string, problem: string): undefined {
    this.ports.onFault(bindingId, problem);
    return undefined;
  }
}

const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
};
