import { v7 as newId } from 'uuid';

export const meta = { actorId: newId(), requestId: newId() };

const fact = (type, data, charges) => ({ type, schemaVersion: 1, data, ...(charges && { charges }) });

const added = (id, changes) => ({
  appendId: newId(),
  mode: 'fact',
  meta,
  changes,
  streams: [{ stream: `project-${id}`, projectId: id, expectedVersion: 0, events: [fact('ProjectAdded', { id })] }],
});

/** root → teams → projects, all on one binding: four nodes on the path of a project. */
export const plantTree = async (store, { teams, projectsPerTeam }) => {
  const [binding, root] = [newId(), newId()];
  const project = (projectId, parentId) => ({
    ...{ change: 'project-added', projectId, parentId, bindingId: binding, name: projectId },
  });
  await store.append(added(root, [{ change: 'binding-added', bindingId: binding }, project(root, null)]));
  const limits = [
    { dimension: 'disks', limit: 1_000_000_000 },
    { dimension: 'gigabytes', limit: 1_000_000_000_000 },
  ];
  const projects = [];
  for (let t = 0; t < teams; t += 1) {
    const team = newId();
    await store.append(added(team, [project(team, root), { change: 'limits-set', node: team, limits }]));
    const made = Array.from({ length: projectsPerTeam }, () => newId());
    await Promise.all(
      made.map((id) => store.append(added(id, [project(id, team), { change: 'limits-set', node: id, limits }]))),
    );
    projects.push(...made);
  }
  return projects;
};

/** One command: 2 events on 2 new streams, 2 dimensions, 1 key. */
export const diskCommand = (projectId) => {
  const [operation, disk] = [newId(), newId()];
  return {
    appendId: newId(),
    mode: 'command',
    meta: { ...meta, operationId: operation, correlationId: operation },
    key: {
      scope: `${meta.actorId}:${projectId}`,
      key: operation,
      fingerprint: 'f'.repeat(64),
      answer: { status: 202, location: `/v1/operations/${operation}`, operationId: operation },
    },
    streams: [
      {
        ...{ stream: `operation-${operation}`, projectId, expectedVersion: 0 },
        events: [fact('OperationRequested', { kind: 'disk.create', target: { type: 'disk', id: disk } })],
      },
      {
        ...{ stream: `disk-${disk}`, projectId, expectedVersion: 0 },
        events: [
          fact(
            'DiskRequested',
            {
              name: 'data-01',
              sizeGiB: 40,
              type: 'SSD',
              availabilityZone: 'eu-de-01',
              tags: { stage: 'bench' },
              operation,
            },
            [
              { dimension: 'disks', held: 1, used: 0, releasing: 0 },
              { dimension: 'gigabytes', held: 40, used: 0, releasing: 0 },
            ],
          ),
        ],
      },
    ],
  };
};

/** What a caller does: a command in a random project; anything but a commit is a fault of the bench. */
export const commanding = (store, projects) => async () => {
  const verdict = await store.append(diskCommand(projects[Math.floor(Math.random() * projects.length)]));
  if (verdict.status !== 'committed') throw new Error(`not committed: ${JSON.stringify(verdict)}`);
};
