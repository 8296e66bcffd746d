import type { CloudAccess, DiskCloud } from '@strata/cloud';
import { everything, type EventStore } from '@strata/event-store';
import { fold } from '@strata/kernel';
import { binding, featuresOf, type BindingEvent } from '@strata/projects';
import { z } from 'zod';

/** What stands behind a binding's reference to a secret: JSON. */
const Password = z.object({
  domain: z.string().min(1),
  user: z.string().min(1),
  password: z.string().min(1),
});

const AccessKey = z.strictObject({
  accessKey: z.string().min(1),
  secretKey: z.string().min(1),
  securityToken: z.string().min(1).optional(),
  signature: z.enum(['simple', 'scoped']).optional(),
});

const asPassword = '{domain, user, password}';
const asAccessKey = '{accessKey, secretKey, securityToken?, signature?: simple | scoped}';

export interface CloudsPorts {
  readonly store: EventStore;
  readonly secretOf: (ref: string) => Promise<string | undefined>;
  /** `credential`: the reference to it, which tells those of one endpoint apart. */
  readonly open: (access: CloudAccess, bindingId: string, credential: string) => DiskCloud;
  /** Told without the secret. */
  readonly onFault: (bindingId: string, problem: string) => void;
  readonly nowMs: () => number;
}

interface Known {
  readonly cloud: DiskCloud;
  readonly fingerprint: string;
  readonly lookedAtMs: number;
}

interface Access {
  /** Undefined while it cannot be had. */
  readonly access: CloudAccess | undefined;
  readonly credential: string;
}

/** A binding may change: its stream is looked at again after this long. */
const freshForMs = 30_000;

/** One open cloud for each binding, with its token and its connections. */
export class Clouds {
  private readonly known = new Map<string, Known>();
  private readonly looking = new Map<string, Promise<Known | undefined>>();

  constructor(private readonly ports: CloudsPorts) {}

  /** Undefined while the binding, or the secret it names, cannot be had. Throws when that could not be found out. */
  async of(bindingId: string): Promise<DiskCloud | undefined> {
    const known = this.known.get(bindingId);
    if (known !== undefined && this.ports.nowMs() - known.lookedAtMs < freshForMs) return known.cloud;
    return (await this.look(bindingId))?.cloud;
  }

  async close(): Promise<void> {
    await Promise.allSettled(this.looking.values());
    await Promise.allSettled([...this.known.values()].map(({ cloud }) => cloud.close()));
  }

  /** Whoever asks meanwhile shares the look; one that failed is not remembered, so that the next asker looks anew. */
  private look(bindingId: string): Promise<Known | undefined> {
    const underWay = this.looking.get(bindingId);
    if (underWay !== undefined) return underWay;
    const looking = this.openOrKeep(bindingId).finally(() => this.looking.delete(bindingId));
    this.looking.set(bindingId, looking);
    return looking;
  }

  private async openOrKeep(bindingId: string): Promise<Known | undefined> {
    const { access, credential } = await this.accessOf(bindingId);
    const before = this.known.get(bindingId);
    const fingerprint = JSON.stringify(access);
    if (before !== undefined && before.fingerprint !== fingerprint) {
      this.known.delete(bindingId);
      void before.cloud.close();
    }
    if (access === undefined) return undefined;
    const cloud = before?.fingerprint === fingerprint ? before.cloud : this.ports.open(access, bindingId, credential);
    const known = { cloud, fingerprint, lookedAtMs: this.ports.nowMs() };
    this.known.set(bindingId, known);
    return known;
  }

  private async accessOf(bindingId: string): Promise<Access> {
    const [stream] = (await this.ports.store.load({ sight: everything, streams: [`binding-${bindingId}`] })).streams;
    // The category of the stream guarantees the union.
    const live = fold(binding, (stream?.events ?? []) as unknown as readonly BindingEvent[]);
    if (live.status !== 'live') return this.without(bindingId, 'there is no such binding');
    const { kind, region, endpoints, cloudProjectId, credentials } = live.access;
    const secret = await this.ports.secretOf(credentials.ref);
    if (secret === undefined)
      return this.without(bindingId, `no secret is known under the reference ${credentials.ref}`);
    const place = { region, endpoints, cloudProjectId };
    const { rollback } = featuresOf(live.access);
    const evs = { kind: 'evs', ...place, rollback: rollback === 'revert' ? undefined : rollback } as const;
    const openstack = { kind: 'openstack', ...place, rollback: rollback === 'off' ? rollback : 'revert' } as const;
    const found = (access: CloudAccess): Access => ({ access, credential: credentials.ref });
    const password = Password.safeParse(parseJson(secret));
    if (password.success) {
      const by = { credentials: password.data };
      return found(kind === 'evs' ? { ...evs, ...by } : { ...openstack, ...by });
    }
    if (kind !== 'evs') return this.without(bindingId, `the secret ${credentials.ref} is not ${asPassword}`);
    const key = AccessKey.safeParse(parseJson(secret));
    if (key.success) return found({ ...evs, credentials: key.data });
    return this.without(bindingId, `the secret ${credentials.ref} is neither ${asPassword} nor ${asAccessKey}`);
  }

  private without(bindingId: string, problem: string): Access {
    this.ports.onFault(bindingId, problem);
    return { access: undefined, credential: '' };
  }
}

const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
};
