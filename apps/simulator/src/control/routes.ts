import type { FastifyInstance, FastifyReply } from 'fastify';
import { quotaKeys } from '../cinder/quotas.js';
import type { Cloud, Latency } from '../cloud.js';
import { FaultsBody } from '../faults/fault.js';
import type { RequestLog } from '../http/request-log.js';
import { DEFAULT_READINGS } from '../readings.js';
import { jobTime } from '../world/times.js';
import type { Volume } from '../world/volume.js';
import { accessKeySwitches } from './access-keys.js';
import { ClockBody, DiskBody, LatencyBody, ProjectBody, projectId, ZoneBody } from './bodies.js';
import { diskSwitches } from './disks.js';
import { BadSwitch, parse } from './read-switch.js';
import { imageSwitches } from './images.js';
import { serverSwitches } from './servers.js';
import { snapshotSwitches } from './snapshots.js';
import { diskView, stateView } from './state-view.js';

/** Later, microseconds would no longer be exact integers. */
const LATEST_MS = Date.UTC(2200, 0, 1);

interface Named {
  readonly id: string;
}

/** The simulator's own switches, beside the surface of the cloud: no token, no faults, no latency. */
export const controlRoutes = (app: FastifyInstance, cloud: Cloud, log: RequestLog, defaults: Latency): void => {
  const { world, faults, latency, readings } = cloud;
  app.get('/_simulator/health', () => ({ status: 'ok' }));
  app.get<{ Querystring: { cloudProjectId?: string } }>('/_simulator/state', ({ query }) =>
    stateView(cloud, world.settle(), query.cloudProjectId),
  );
  app.get('/_simulator/requests', () => log.report());
  app.delete('/_simulator/requests', () => {
    log.clear();
    return log.report();
  });
  app.post('/_simulator/reset', () => {
    world.settle();
    world.commit({ kind: 'reset' });
    faults.clear();
    log.clear();
    Object.assign(latency, defaults);
    Object.assign(readings, DEFAULT_READINGS);
    return { status: 'ok' };
  });
  timeRoutes(app, cloud);
  faultRoutes(app, cloud);
  placeRoutes(app, cloud);
  serverSwitches(app, cloud);
  diskSwitches(app, world);
  snapshotSwitches(app, cloud);
  accessKeySwitches(app, cloud);
  imageSwitches(app, world);
  app.post<{ Params: Named }>('/_simulator/disks/:id', ({ params, body }, reply) =>
    changeBehind(cloud, params.id, body, reply),
  );
};

const timeRoutes = (app: FastifyInstance, { world, latency }: Cloud): void => {
  const clock = () => ({ now: jobTime(world.settle()), rate: world.clock.rate });
  app.get('/_simulator/clock', clock);
  app.post('/_simulator/clock', ({ body }) => {
    const { now, advanceMs, rate } = parse(ClockBody, body);
    const nowMs = now === undefined ? undefined : Date.parse(now);
    const before = world.settle();
    if (nowMs !== undefined && nowMs < before) throw new BadSwitch('the clock moves forward only; reset begins anew');
    const moved = world.clock.moved({
      ...(nowMs === undefined ? {} : { nowMs }),
      ...(advanceMs === undefined ? {} : { advanceMs }),
      ...(rate === undefined ? {} : { rate }),
    });
    if (moved.simulatedMs > LATEST_MS) throw new BadSwitch(`the clock goes no further than ${jobTime(LATEST_MS)}`);
    world.commit({ kind: 'clock', clock: moved });
    return clock();
  });
  app.get('/_simulator/latency', () => latency);
  app.post('/_simulator/latency', ({ body }) => {
    const { jobMs, requestMs } = parse(LatencyBody, body);
    latency.jobMs = jobMs ?? latency.jobMs;
    latency.requestMs = requestMs ?? latency.requestMs;
    return latency;
  });
};

const faultRoutes = (app: FastifyInstance, { faults }: Cloud): void => {
  app.get('/_simulator/faults', () => ({ faults: faults.list() }));
  app.post('/_simulator/faults', ({ body }) => {
    faults.replace(parse(FaultsBody, body));
    return { faults: faults.list() };
  });
  app.delete('/_simulator/faults', () => {
    faults.clear();
    return { faults: faults.list() };
  });
};

const placeRoutes = (app: FastifyInstance, { world }: Cloud): void => {
  app.put<{ Params: Named }>('/_simulator/projects/:id', ({ params, body }) => {
    const id = parse(projectId, params.id);
    const { name, quota = {} } = parse(ProjectBody, body ?? {});
    world.settle();
    const unknownKey = Object.keys(quota).find((key) => !quotaKeys(world).includes(key));
    if (unknownKey !== undefined)
      throw new BadSwitch(`quota: there is no ${unknownKey}; known are ${quotaKeys(world).join(', ')}`);
    const before = world.projects.get(id);
    const limits = { ...before?.ledger.limits, ...quota };
    world.commit({ kind: 'project', id, name: name ?? before?.name ?? `eu-de_${id.slice(0, 8)}`, quota: limits });
    return { id, name: world.projects.get(id)?.name, quota: limits };
  });
  app.put<{ Params: { name: string } }>('/_simulator/zones/:name', ({ params: { name }, body }) => {
    const { available } = parse(ZoneBody, body);
    world.settle();
    if (!world.zones.has(name))
      throw new BadSwitch(`there is no zone ${name}; known are ${[...world.zones.keys()].join(', ')}`);
    world.commit({ kind: 'zone', name, available });
    return { name, available };
  });
};

/** Changes a disk as somebody else would who works in the same cloud project. */
const changeBehind = ({ world }: Cloud, id: string, body: unknown, reply: FastifyReply) => {
  const nowMs = world.settle();
  const volume = world.volume(id);
  if (!volume) return reply.code(404).send({ error: `there is no disk ${id}` });
  const { delete: gone, ...change } = parse(DiskBody, body);
  if (gone) {
    world.commit({ kind: 'removed', volumeId: id });
    return { id, deleted: true };
  }
  const given = Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined));
  const transition = change.status === undefined ? volume.transition : null;
  const changed: Volume = { ...volume, ...given, transition, updatedMicros: nowMs * 1_000 };
  world.commit({ kind: 'accepted', volumes: [changed], jobs: [] });
  return diskView(changed);
};
