import type { Disk, Finding, Operation, Snapshot } from './client.js';
import type { PatientCaller } from './patient-caller.js';
import type { SimulatedCloud } from './simulated-cloud.js';

/** What an errand has to do with. */
export interface Surroundings {
  /** Different from those of all others. */
  readonly name: string;
  readonly mine: PatientCaller;
  /** In another project of the same binding. */
  readonly theirs: PatientCaller;
  /** In a project that keeps what is deleted for an hour. */
  readonly kept: PatientCaller;
  /** Two people of the platform team, whose tokens do not come from each other. */
  readonly platform: PatientCaller;
  readonly second: PatientCaller;
  readonly cloud: SimulatedCloud;
  readonly binding: string;
  readonly serverId: string;
  readonly image: { readonly id: string; readonly minDiskGiB: number };
}

type Some<Resource> = Partial<Resource> & { readonly id: string };

/** What has to be there in the end, and nothing beside. */
export interface Left {
  readonly disks?: readonly Some<Disk>[];
  readonly snapshots?: readonly Some<Snapshot>[];
  /** Names. Of what was sent once and never answered there may be one or none. */
  readonly images?: readonly { readonly name: string; readonly certain: boolean }[];
}

/** A few commands in a row on things of its own. */
export type Errand = (around: Surroundings) => Promise<Left>;

const plain = { sizeGiB: 10, type: 'SSD', availabilityZone: 'eu-de-01' };
const atRest = { ...plain, status: 'available' };

const idOf = ({ target, id }: Operation): string => {
  if (!('id' in target)) throw new Error(`operation ${id} is about many`);
  return target.id;
};
const idsOf = ({ target }: Operation): readonly string[] => ('ids' in target ? target.ids : [target.id]);

const make = (caller: PatientCaller, name: string, more: object = {}): Promise<Operation> =>
  caller.succeeded('POST', `${caller.project}/disks`, { name, ...plain, ...more });
const makeDisk = async (caller: PatientCaller, name: string): Promise<string> => idOf(await make(caller, name));
const snap = async (caller: PatientCaller, diskId: string, name: string): Promise<string> =>
  idOf(await caller.succeeded('POST', `${caller.project}/snapshots`, { diskId, name }));

/** Sent once: where nobody saw whether it took effect, the operation says so and a refresh shows what there is. */
const rollback: Errand = async ({ name, mine }) => {
  const diskId = await makeDisk(mine, name);
  const snapshotId = await snap(mine, diskId, name);
  const { status, error } = await mine.carriedOut('POST', `${mine.project}/snapshots/${snapshotId}/rollback`);
  if (status !== 'succeeded') {
    if (error?.code !== 'outcome-unknown') throw new Error(`the rollback ended with ${JSON.stringify(error)}`);
    await mine.succeeded('POST', `${mine.project}/disks/${diskId}/refresh`);
  }
  return { disks: [{ id: diskId, ...atRest }], snapshots: [{ id: snapshotId, diskId, status: 'available' }] };
};

/** One of each disk; of the two one gets another name, the other goes. */
const groupSnapshot: Errand = async ({ name, mine }) => {
  const diskIds = idsOf(await make(mine, name, { count: 2 }));
  const [kept = '', gone = ''] = idsOf(await mine.succeeded('POST', `${mine.project}/snapshots`, { diskIds, name }));
  const change = { name: `${name}-kept`, metadata: { errand: name } };
  await mine.succeeded('PATCH', `${mine.project}/snapshots/${kept}`, change);
  await mine.succeeded('DELETE', `${mine.project}/snapshots/${gone}`);
  return {
    disks: diskIds.map((id) => ({ id, ...atRest })),
    snapshots: [{ id: kept, ...change, status: 'available' }],
  };
};

const attachAndChange: Errand = async ({ name, mine, serverId }) => {
  const id = await makeDisk(mine, name);
  const disk = `${mine.project}/disks/${id}`;
  await mine.succeeded('POST', `${disk}/attach`, { serverId });
  await mine.succeeded('POST', `${disk}/detach`, { serverId });
  const change = { name: `${name}-changed`, bootable: true, readOnly: true };
  await mine.succeeded('PATCH', disk, { ...change, description: name });
  return { disks: [{ id, ...atRest, ...change }] };
};

/** Two disks of a snapshot; then the disk that it was taken of goes, and its snapshot before it. */
const copyAndCascade: Errand = async ({ name, mine }) => {
  const diskId = await makeDisk(mine, name);
  const snapshotId = await snap(mine, diskId, name);
  const copies = idsOf(await make(mine, `${name}-copy`, { source: { snapshotId }, count: 2 }));
  await snap(mine, diskId, `${name}-later`);
  await mine.succeeded('DELETE', `${mine.project}/disks/${diskId}?cascade=true`);
  return { disks: copies.map((id) => ({ id, ...atRest })) };
};

const image: Errand = async ({ name, mine, image: { id: imageId, minDiskGiB } }) => {
  const sizeGiB = minDiskGiB;
  const id = idOf(await make(mine, name, { source: { imageId }, sizeGiB }));
  const made = { name: `${name}-image`, format: 'qcow2' };
  const { status, error } = await mine.carriedOut('POST', `${mine.project}/disks/${id}/image`, made);
  if (status !== 'succeeded' && error?.code !== 'outcome-unknown')
    throw new Error(`the image ended with ${JSON.stringify(error)}`);
  return {
    disks: [{ id, ...atRest, sizeGiB, bootable: true }],
    images: [{ name: made.name, certain: status === 'succeeded' }],
  };
};

const recreate: Errand = async ({ name, mine, cloud }) => {
  const id = await makeDisk(mine, name);
  const disk = `${mine.project}/disks/${id}`;
  const { cloud: before } = await mine.until<Disk>(disk, ({ status }) => status === 'available');
  await cloud.removeBehind(before?.id ?? '');
  await mine.until<Disk>(disk, ({ allowedActions }) => allowedActions.includes('recreate'));
  await mine.succeeded('POST', `${disk}/recreate`);
  return { disks: [{ id, ...atRest }] };
};

/** What a sweep has to say of a disk that somebody else made. */
const findingOf = async ({ platform, binding }: Surroundings, cloudId: string): Promise<Finding> => {
  const path = `${binding}/findings?kind=unknown&status=open&cloud.id=${cloudId}`;
  const { items } = await platform.until<{ items: readonly Finding[] }>(path, (page) => page.items.length > 0);
  const [finding] = items;
  if (finding === undefined) throw new Error('nothing was found');
  return finding;
};

const plantOne = async ({ cloud, name }: Surroundings): Promise<string> => {
  const [cloudId = ''] = await cloud.plant({ name });
  return cloudId;
};

const adopt: Errand = async (around) => {
  const { mine, platform, binding } = around;
  const finding = await findingOf(around, await plantOne(around));
  const name = `${around.name}-adopted`;
  const wanted = { projectId: mine.projectId, name };
  const id = idOf(await platform.succeeded('POST', `${binding}/findings/${finding.id}/adopt`, wanted));
  await mine.succeeded('POST', `${mine.project}/disks/${id}/extend`, { sizeGiB: 20 });
  return { disks: [{ id, ...atRest, sizeGiB: 20, name }] };
};

const remove: Errand = async (around) => {
  const { platform, second, binding, name } = around;
  const finding = await findingOf(around, await plantOne(around));
  const removal = `${binding}/findings/${finding.id}/removal`;
  await platform.told('POST', removal, { reason: name });
  await platform.told('POST', `${removal}/approve`);
  await second.succeeded('POST', `${removal}/approve`);
  return {};
};

interface ImportPlan {
  readonly plan: { readonly planHash: string; readonly counts: { readonly matched: number } };
}

const importTwo: Errand = async (around) => {
  const { cloud, platform, binding, mine, theirs, name } = around;
  const planted = await cloud.plant({ name, count: 2, tags: { errand: name } });
  for (const cloudId of planted) await findingOf(around, cloudId);
  const rules = [
    { by: 'name', pattern: `${name}-*1`, projectId: mine.projectId },
    { by: 'tag', key: 'errand', value: name, projectId: theirs.projectId },
  ];
  const dryRun = await platform.told<ImportPlan>('POST', `${binding}/import?validateOnly=true`, { rules });
  const { planHash, counts } = dryRun.plan;
  if (counts.matched !== planted.length) throw new Error(`the plan has ${counts.matched} disks`);
  const { result } = await platform.succeeded('POST', `${binding}/import`, { rules, planHash });
  const disks = result?.['disks'] as readonly { diskId: string; projectId: string }[];
  if (new Set(disks.map(({ projectId }) => projectId)).size !== 2) throw new Error('one project has both');
  return { disks: disks.map(({ diskId, projectId }) => ({ id: diskId, projectId, ...atRest })) };
};

interface Offer {
  readonly id: string;
  /** Shown once: who lost that answer takes the offer back and makes another. */
  readonly code?: string;
}

const transfer: Errand = async ({ name, mine, theirs }) => {
  const id = await makeDisk(mine, name);
  const offer = () => mine.told<Offer>('POST', `${mine.project}/disks/${id}/transfers`);
  let offered = await offer();
  while (offered.code === undefined) {
    await mine.told('DELETE', `${mine.project}/transfers/${offered.id}`);
    offered = await offer();
  }
  const { code } = offered;
  await theirs.succeeded('POST', `${theirs.project}/transfers/${offered.id}/accept`, { code });
  const change = { name: `${name}-received` };
  await theirs.succeeded('PATCH', `${theirs.project}/disks/${id}`, change);
  return { disks: [{ id, projectId: theirs.projectId, ...atRest, ...change }] };
};

/** Deleted with its snapshot, and had back before the hour is over; another one has no hour to wait. */
const undelete: Errand = async ({ name, kept, mine }) => {
  const id = await makeDisk(kept, name);
  const snapshotId = await snap(kept, id, name);
  const disk = `${kept.project}/disks/${id}`;
  const { id: deletion } = await kept.told<Operation>('DELETE', `${disk}?cascade=true`);
  await kept.told('POST', `${disk}/undelete`);
  const { status } = await kept.endOf(deletion);
  if (status !== 'cancelled') throw new Error(`the deletion was ${status}`);
  const gone = await makeDisk(mine, name);
  await mine.succeeded('DELETE', `${mine.project}/disks/${gone}`);
  return {
    disks: [{ id, projectId: kept.projectId, ...atRest }],
    snapshots: [{ id: snapshotId, diskId: id, status: 'available' }],
  };
};

export const errands = {
  ...{ rollback, groupSnapshot, attachAndChange, copyAndCascade, image, recreate },
  ...{ adopt, remove, importTwo, transfer, undelete },
} as const satisfies Readonly<Record<string, Errand>>;
