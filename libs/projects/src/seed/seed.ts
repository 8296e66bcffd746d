import { everything, type People } from '@strata/event-store';
import { BindingId, ProjectId, type Refusal } from '@strata/kernel';
import { bindingStream, foldBinding } from '../binding.resource.js';
import { addBinding, changeBinding } from '../bindings/change-bindings.js';
import { createProject } from '../create-project/create-project.js';
import type { CommandPorts, WriteCall } from '../execute/execute.js';
import type { Executed } from '../execute/plan.js';
import { foldProject, projectStream } from '../project.resource.js';
import type { Limits, Role } from '../project/index.js';
import { setLimits } from '../set-limits/set-limits.js';
import { issueToken } from '../tokens/issue-token.js';
import { seedActor } from './seed-actor.js';

/** What embedded mode begins with. Fixed ids: so that a second start finds what the first one made. */
const ids = {
  root: ProjectId.parse('01930000-0000-7000-8000-000000000001'),
  alpha: ProjectId.parse('01930000-0000-7000-8000-000000000002'),
  beta: ProjectId.parse('01930000-0000-7000-8000-000000000003'),
  simulator: BindingId.parse('01930000-0000-7000-8000-000000000004'),
};

const limits: Limits = [
  { dimension: 'disks', limit: 10 },
  { dimension: 'gigabytes', limit: 1_000 },
];

export interface SeedBinding {
  readonly region: string;
  readonly endpoints: { readonly iam: string; readonly evs: string; readonly ecs?: string; readonly ims?: string };
  readonly cloudProjectId: string;
  readonly credentials: { readonly ref: string };
}

export interface SeedTokens {
  readonly platformAdmin: string;
  readonly alpha: string;
  readonly beta: string;
}

export interface Seeded {
  readonly projects: { readonly root: ProjectId; readonly alpha: ProjectId; readonly beta: ProjectId };
  readonly bindings: { readonly simulator: BindingId };
}

type SeedPorts = CommandPorts & { readonly people: People };

/**
 * Makes what is not there yet and leaves alone what is, but for the address of the simulator, which may listen elsewhere
 * this time. Every step is a command of its own, so that a start after a crash goes on where the last one ended.
 */
export const seed = async (ports: SeedPorts, simulator: SeedBinding): Promise<Seeded> => {
  const { root, alpha, beta } = ids;
  await ensureBinding(ports, simulator);
  await ensureProject(ports, { projectId: root, name: 'root', parentId: undefined, bindingId: ids.simulator });
  for (const [projectId, name] of [[alpha, 'alpha'] as const, [beta, 'beta'] as const]) {
    await ensureProject(ports, { projectId, name, parentId: root, bindingId: undefined });
  }
  return { projects: { root, alpha, beta }, bindings: { simulator: ids.simulator } };
};

/** Issued anew each time it is called: whoever still has the first ones does not call it. */
export const issueSeedTokens = async (ports: SeedPorts, { projects }: Seeded): Promise<SeedTokens> => ({
  platformAdmin: await seedToken(ports, projects.root, 'platform-admin'),
  alpha: await seedToken(ports, projects.alpha, 'operator'),
  beta: await seedToken(ports, projects.beta, 'operator'),
});

/**
 * A platform-admin's token for whoever holds the database: how the first caller of a new installation comes in. It is issued
 * at the root of the seed, which is made without a binding when it is missing.
 */
export const issueFirstToken = async (ports: SeedPorts, name: string): Promise<string> => {
  const projectId = ids.root;
  await ensureProject(ports, { projectId, name: 'root', parentId: undefined, bindingId: undefined });
  return seedToken(ports, projectId, 'platform-admin', name);
};

const seedToken = async (
  ports: SeedPorts,
  projectId: ProjectId,
  role: Role,
  name = `seeded ${role}`,
): Promise<string> => {
  const wanted = { projectId, name, role, expiresAt: null };
  const { executed, token } = await issueToken(ports, call(), wanted);
  mustBeDone(executed);
  return token;
};

const ensureBinding = async (ports: SeedPorts, access: SeedBinding): Promise<void> => {
  const bindingId = ids.simulator;
  const { streams } = await ports.store.load({ sight: everything, streams: [bindingStream(bindingId)] });
  const known = foldBinding(streams[0]);
  const { cloudProjectId: _stays, ...change } = access;
  if (known.status === 'live') mustBeDone(await changeBinding(ports, call(), bindingId, change));
  if (known.status !== 'absent') return;
  mustBeDone(await addBinding(ports, call(), { name: 'simulator', kind: 'evs', ...access }, bindingId));
};

const ensureProject = async (
  ports: SeedPorts,
  wanted: Parameters<typeof createProject>[2] & { projectId: ProjectId },
) => {
  const { projectId, parentId } = wanted;
  const { streams } = await ports.store.load({ sight: everything, streams: [projectStream(projectId)] });
  const known = foldProject(streams[0]);
  if (known.status === 'absent') mustBeDone(await createProject(ports, call(), wanted));
  const isUnlimited = known.status === 'absent' || (known.status === 'live' && streams[0]?.version === 1);
  if (parentId && isUnlimited) mustBeDone(await setLimits(ports, call(), projectId, limits));
};

const call = (): WriteCall => ({
  caller: {
    actorId: seedActor,
    kind: 'service-token',
    tokenId: seedActor,
    grants: [],
    platformRoles: ['platform-admin'],
  },
  requestId: 'seed',
  fingerprint: 'seed',
  validateOnly: false,
});

const mustBeDone = (executed: Executed<Refusal>): void => {
  if (executed.status !== 'done') throw new Error(`seeding was answered with ${JSON.stringify(executed)}`);
};
