import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it, onTestFailed } from 'vitest';
import { AttentiveClient } from './harness/attentive-client.js';
import { type Disk, type Finding, hasEnded, type Operation, type Snapshot } from './harness/client.js';
import { eventually } from './harness/eventually.js';
import { PatientCaller } from './harness/patient-caller.js';
import { Services } from './harness/services.js';
import { expectInvariants, untilFollowed } from './harness/what-must-hold.js';
import { shortLease } from './scenarios/queue-wipe.scenario.js';

/** `SIGKILL`: its first process alone, which leaves the others to notice; `SIGQUIT`: all of it at once. */
const crashes = [
  { signal: 'SIGKILL', staysAway: true },
  { signal: 'SIGQUIT', staysAway: false },
  { signal: 'SIGKILL', staysAway: false },
  { signal: 'SIGQUIT', staysAway: true },
  { signal: 'SIGKILL', staysAway: false },
  { signal: 'SIGQUIT', staysAway: false },
] as const;
/** So much of the log is written between two crashes. */
const eventsBetween = 50;
const callersInEach = 6;

const wish = { sizeGiB: 10, type: 'SSD', availabilityZone: 'eu-de-01' };

let services: Services;
let failed = false;
beforeAll(async () => {
  services = await Services.start({ env: shortLease, workers: 2 });
  for (const id of [services.seeded.projects.alpha, services.seeded.projects.beta]) await services.raiseLimits(id);
  await services.cloud.jobsTake(300);
});
afterAll(() => services.stop({ keepLogs: failed }));

/** Rows of the log and of what belongs to it, past every policy: on a connection of its own, which no crash has met. */
const rows = async <Row extends pg.QueryResultRow>(sql: string): Promise<readonly Row[]> => {
  const client = new pg.Client({ connectionString: services.database.admin });
  client.on('error', () => undefined);
  await client.connect();
  try {
    return (await client.query<Row>(sql)).rows;
  } finally {
    await client.end();
  }
};

const lastPosition = async () =>
  Number((await rows<{ last: string }>('select coalesce(max(position), 0) as last from events'))[0]?.last);

/** What one caller leaves behind. */
interface Left {
  readonly disks: Map<string, number>;
  readonly snapshots: Set<string>;
}

/** One after the other: a disk that grows, one that gets a snapshot, one that goes again. */
const errands = async (caller: PatientCaller, name: string, isOver: () => boolean): Promise<Left> => {
  const left: Left = { disks: new Map(), snapshots: new Set() };
  const targetOf = ({ target }: Operation) => ('id' in target ? target.id : '');
  for (let n = 0; !isOver(); n++) {
    const disks = `${caller.project}/disks`;
    const id = targetOf(await caller.succeeded('POST', disks, { ...wish, name: `${name}-${n}` }));
    left.disks.set(id, 10);
    if (n % 3 === 0) {
      await caller.succeeded('POST', `${disks}/${id}/extend`, { sizeGiB: 20 });
      left.disks.set(id, 20);
    } else if (n % 3 === 1) {
      const snapshot = { diskId: id, name: `${name}-${n}` };
      left.snapshots.add(targetOf(await caller.succeeded('POST', `${caller.project}/snapshots`, snapshot)));
    } else {
      await caller.succeeded('DELETE', `${disks}/${id}`);
      left.disks.delete(id);
    }
  }
  return left;
};

/** Whatever needs the database says so, with the time to come back; that the process lives needs none. */
const expectItSaysSo = async (client: AttentiveClient, projectId: string) => {
  const unavailable = { status: 503, body: { type: '/problems/unavailable', retryable: true } };
  // What outlived the first process of the server still answers whoever asks before it has noticed.
  const told = await eventually(
    'nobody is served any more',
    async () => {
      const answers = await Promise.all([
        client.post(`/v1/projects/${projectId}/disks`, { ...wish, name: 'in-vain' }),
        client.get('/v1/disks'),
        client.get(`/v1/projects/${projectId}/quota`),
        client.get(`/v1/projects/${projectId}/operations`),
        client.get('/v1/me'),
      ]);
      return answers.every(({ status }) => status >= 300) ? answers : undefined;
    },
    { withinMs: 30_000 },
  );
  for (const answer of told) {
    expect(answer).toMatchObject(unavailable);
    expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
  }
  expect((await client.get('/health/ready')).status).toBe(503);
  expect((await client.get('/health/live')).status).toBe(200);
};

describe('a PostgreSQL that crashes while commands are accepted and carried out', () => {
  it('is come back to by every process, and nothing that was accepted is lost', { timeout: 600_000 }, async () => {
    onTestFailed(() => {
      failed = true;
      process.stdout.write(`logs are kept in ${services.folder}\n`);
    });
    const { seeded, tokens, postgres, apiUrl, cloud, admin } = services;
    const ended: Operation[] = [];
    const clients = [tokens.alpha, tokens.beta].map((token) => new AttentiveClient(apiUrl, token));
    const [onlooker] = clients;
    if (onlooker === undefined) throw new Error('nobody looks on');
    let over = false;
    const working = Promise.all(
      [seeded.projects.alpha, seeded.projects.beta].flatMap((projectId, at) =>
        Array.from({ length: callersInEach }, (_, n) => {
          const name = `crash-${at}-${n}`;
          const caller = new PatientCaller(clients[at] ?? onlooker, projectId, name, ended);
          return errands(caller, name, () => over);
        }),
      ),
    );
    for (const { signal, staysAway } of crashes) {
      const before = await lastPosition();
      await eventually('work went on', async () => (await lastPosition()) >= before + eventsBetween);
      await postgres.crash(signal);
      if (staysAway) await expectItSaysSo(onlooker, seeded.projects.alpha);
      await postgres.revive();
      await eventually('the api is ready again', async () => (await onlooker.get('/health/ready')).status === 200);
    }
    over = true;
    const left = await working;
    const heard = clients.map((client) => Object.fromEntries(client.heard));
    process.stdout.write(
      `  ${ended.length} operations, log of ${await lastPosition()} events, answers: ${JSON.stringify(heard)}, ` +
        `longest ${clients.map(({ longestMs }) => Math.round(longestMs)).join(' and ')} ms\n`,
    );
    const untold = heard.flatMap(Object.keys).filter((how) => !['200', '202', '503'].includes(how));
    expect(untold).toEqual([]);

    // Every process is the one that was started: it found its way back by itself.
    expect(services.all.map(({ name, lives }) => [name, lives])).toEqual(services.all.map(({ name }) => [name, 1]));

    // What was asked for in vain was not accepted, or it was after all; then it is carried out like everything else.
    await untilFollowed({ rows });
    const operations = await eventually('nothing is under way', async () => {
      const all = await admin.all<Operation>('/v1/operations');
      return all.every(hasEnded) ? all : undefined;
    });
    expect(operations.filter(({ status }) => status !== 'succeeded')).toEqual([]);
    const listed = new Set(operations.map(({ id }) => id));
    expect(ended.filter(({ id }) => !listed.has(id))).toEqual([]);
    await untilFollowed({ rows });
    const known = new Map(left.flatMap(({ disks }) => [...disks]));
    const shown = await eventually('the list has caught up', async () => {
      const all = await admin.all<Disk>('/v1/disks');
      return all.every(({ status }) => status === 'available') ? all : undefined;
    });
    const mine = shown.filter(({ name }) => name !== 'in-vain');
    expect(new Map(mine.map(({ id, sizeGiB }) => [id, sizeGiB]))).toEqual(known);
    expect((await cloud.disks()).map(({ id }) => id).toSorted()).toEqual(
      shown.map((disk) => disk.cloud?.id).toSorted(),
    );
    const snapshots = await admin.all<Snapshot>('/v1/snapshots');
    expect(new Set(snapshots.map(({ id }) => id))).toEqual(new Set(left.flatMap((each) => [...each.snapshots])));
    expect((await cloud.snapshots()).map(({ id }) => id).toSorted()).toEqual(
      snapshots.map((each) => each.cloud?.id).toSorted(),
    );

    const sweep = await admin.post<Operation>(`/v1/bindings/${seeded.bindings.simulator}/sweep`, undefined, {
      prefer: 'wait=60',
    });
    expect(sweep.body).toMatchObject({ status: 'succeeded', result: { surplusRemoved: 0 } });
    expect(await admin.all<Finding>(`/v1/bindings/${seeded.bindings.simulator}/findings?status=open`)).toEqual([]);
    await expectInvariants({ rows, services });
  });
});
