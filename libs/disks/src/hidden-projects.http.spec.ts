import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { DiskProject } from './contract/disk-project.js';
import { DiskServer } from './contract/disk-server.js';

let server: DiskServer;
let root: string;
let from: DiskProject;
let to: DiskProject;
beforeAll(async () => {
  server = await DiskServer.start();
  root = server.server.seeded.projects.root;
});
afterAll(() => server.close());
beforeEach(async () => {
  [from, to] = [await DiskProject.make(server), await DiskProject.make(server)];
});

interface Told {
  readonly type: string;
  readonly hash: string;
  readonly data: Readonly<Record<string, unknown>>;
}

const eventsOf = async (path: string, by: string): Promise<readonly Told[]> =>
  (await from.call('GET', `${path}/events?limit=500`, undefined, {}, by)).body['items'] as readonly Told[];

const newProject = async (parentId: string): Promise<string> => {
  const made = await from.call('POST', '/v1/projects', { name: 'moving', parentId }, {}, from.admin);
  expect(made.status).toBe(201);
  return String(made.body['id']);
};

const move = async (projectId: string, parentId: string): Promise<void> => {
  const moved = await from.call('PATCH', `/v1/projects/${projectId}`, { parentId }, {}, from.admin);
  expect(moved.status).toBe(200);
};

/** What an event stream tells next; that it has ended is a fault. */
const nextOf = async (reader: ReadableStreamDefaultReader<string> | undefined): Promise<string> => {
  const next = await reader?.read();
  if (!next || next.done) throw new Error('the stream has ended');
  return next.value;
};

const dataOf = (events: readonly Told[], type: string) =>
  events.filter((each) => each.type === type).map((e) => e.data);

describe('the events of a project', () => {
  it('do not name its parent to those who may not view the parent', async () => {
    const [own, whole] = [await eventsOf(from.path, from.token), await eventsOf(from.path, from.admin)];
    expect(dataOf(own, 'ProjectCreated')).toMatchObject([{ parentId: null }]);
    expect(dataOf(whole, 'ProjectCreated')).toMatchObject([{ parentId: root }]);
    expect(own.map(({ hash }) => hash)).toEqual(whole.map(({ hash }) => hash));
    expect(JSON.stringify(own)).not.toContain(root);
  });

  it('name of two parents the one that may be viewed', async () => {
    const projectId = await newProject(from.projectId);
    await move(projectId, to.projectId);
    const path = `/v1/projects/${projectId}`;
    const told = await eventsOf(path, to.token);
    expect(dataOf(told, 'ProjectCreated')).toMatchObject([{ parentId: null }]);
    expect(dataOf(told, 'ProjectMoved')).toEqual([{ fromParentId: null, parentId: to.projectId }]);
    const ofRoot = await eventsOf(path, from.admin);
    expect(dataOf(ofRoot, 'ProjectMoved')).toEqual([{ fromParentId: from.projectId, parentId: to.projectId }]);
  });

  it('do not name it when they are streamed, before as after what is there already', async () => {
    const projectId = await newProject(from.projectId);
    const stop = new AbortController();
    const response = await fetch(`${server.server.url}/v1/projects/${projectId}/events?from=0`, {
      headers: { authorization: `Bearer ${from.token}`, accept: 'text/event-stream' },
      signal: stop.signal,
    });
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
    let text = '';
    const readUntil = async (type: string) => {
      while (!text.includes(`event: ${type}\n`)) text += await nextOf(reader);
    };
    await readUntil('ProjectCreated');
    const inner = await newProject(from.projectId);
    await move(projectId, inner);
    await readUntil('ProjectMoved');
    expect(text).toContain(`"fromParentId":"${from.projectId}","parentId":"${inner}"`);
    stop.abort();

    const ownStop = new AbortController();
    const own = await fetch(`${server.server.url}${from.path}/events?from=0`, {
      headers: { authorization: `Bearer ${from.token}`, accept: 'text/event-stream' },
      signal: ownStop.signal,
    });
    const ownReader = own.body?.pipeThrough(new TextDecoderStream()).getReader();
    text = '';
    while (!text.includes('event: TokenIssued\n')) text += await nextOf(ownReader);
    expect(text).toContain('event: ProjectCreated\n');
    await from.call('PATCH', from.path, { parentId: to.projectId }, {}, from.admin);
    while (!text.includes('event: ProjectMoved\n')) text += await nextOf(ownReader);
    expect(text).toContain('"fromParentId":null,"parentId":null');
    expect(text).not.toContain(root);
    expect(text).not.toContain(to.projectId);
    ownStop.abort();
  });
});
