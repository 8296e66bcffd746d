import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { v7 as newId } from 'uuid';
import { decideDisk, diskEvents, diskOf, disksView } from '@strata/disks';
import { EventTypes } from '@strata/event-store';
import { embeddedSettings, launchPostgres } from '@strata/event-store/embedded';
import { bootstrap, migrate, PostgresEventStore, rebuildView } from '@strata/event-store/postgres';
import { operationEvent, operationEvents, operationsView } from '@strata/operations';
import { bindingEvents, projectEvents } from '@strata/projects';
import { plantTree } from './lane-load.mjs';
import { round } from './measure.mjs';

const spec = {
  name: 'bench',
  description: '',
  sizeGiB: 10,
  type: 'SSD',
  availabilityZone: 'eu-de-01',
  tags: {},
  metadata: {},
};

/** Two appends of a disk that is requested and provisioned: 4 events on 2 streams. */
const lifeOf = (projectId, bindingId) => {
  const [operationId, diskId] = [newId(), newId()];
  const streams = { operation: `operation-${operationId}`, disk: `disk-${diskId}` };
  const work = { operationId, shownAs: operationId };
  const command = { type: 'RequestDisk', diskId, projectId, bindingId, spec, work };
  const requested = decideDisk(command, diskOf({ stream: streams.disk, version: 0, events: [] })).events;
  const disk = diskOf({ stream: streams.disk, version: 1, events: requested });
  const provisioned = decideDisk({ type: 'RecordProvisioned', operationId, cloudId: newId() }, disk).events;
  const target = { type: 'disk', id: diskId };
  const request = { operationId, kind: 'disk.create', projectId, bindingId, target, input: { diskId, ...spec } };
  const meta = { actorId: newId(), operationId, correlationId: operationId };
  const append = (mode, version, own, ofDisk) => ({
    appendId: newId(),
    mode,
    meta,
    streams: [
      { stream: streams.operation, projectId, expectedVersion: version, events: [own] },
      { stream: streams.disk, projectId, expectedVersion: version, events: ofDisk },
    ],
  });
  return [
    append(
      'command',
      0,
      operationEvent('OperationRequested', { ...request, partOf: null, parts: [], retryOf: null }),
      requested,
    ),
    append('fact', 1, operationEvent('OperationSucceeded', { result: { diskId } }), provisioned),
  ];
};

const fill = async (store, projects, events) => {
  let left = events / 4;
  const caller = async () => {
    while (left-- > 0) {
      const projectId = projects[Math.floor(Math.random() * projects.length)];
      for (const append of lifeOf(projectId, newId())) {
        const { status } = await store.append(append);
        if (status !== 'committed') throw new Error(status);
      }
    }
  };
  await Promise.all(Array.from({ length: 128 }, caller));
};

/** How many events per second a view is rebuilt with, from an empty generation to the end of the log. */
export const benchRebuild = async ({ events }) => {
  const folder = await mkdtemp(join(tmpdir(), 'strata-bench-'));
  await chmod(folder, 0o755);
  const server = await launchPostgres({
    ...{ dataDir: join(folder, 'cluster'), password: 'bench', logFile: join(folder, 'log'), endsWithParent: true },
    settings: { ...embeddedSettings, max_connections: 300 },
  });
  try {
    const passwords = { owner: 'owner', api: 'api', worker: 'worker' };
    const urls = await bootstrap(server.adminUrl, { database: 'bench', passwords });
    await migrate(urls.admin);
    const catalogues = [projectEvents, bindingEvents, operationEvents, diskEvents];
    const types = new EventTypes(catalogues);
    const store = new PostgresEventStore({ url: urls.api, types });
    await fill(store, await plantTree(store, { teams: 10, projectsPerTeam: 10 }), events);
    const pool = new pg.Pool({ connectionString: urls.worker, max: 4 });
    const known = new EventTypes([...catalogues, benchEvents]);
    const rows = {};
    for (const view of [disksView, operationsView]) {
      const ignores = [
        ...view.ignores,
        ...known.names.filter((name) => ![...view.handles, ...view.ignores].includes(name)),
      ];
      const { position } = await store.head();
      const begun = performance.now();
      let filledAfterMs = 0;
      const progressed = (at) => {
        if (at >= position) filledAfterMs ||= performance.now() - begun;
      };
      await rebuildView({ pool, types: known, projection: { ...view, ignores }, progressed });
      rows[view.name] = { events: position, perSecond: round(position / (filledAfterMs / 1_000)) };
    }
    await pool.end();
    await store.close();
    return rows;
  } finally {
    await server.stop();
    await rm(folder, { recursive: true, force: true });
  }
};

/** What the tree of the bench is made of; no feature writes it. */
const benchEvents = { category: 'project', types: { ProjectAdded: { versions: { 1: undefined } } } };
