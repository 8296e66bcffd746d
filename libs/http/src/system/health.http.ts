import { Controller } from '@nestjs/common';
import { z } from 'zod';
import { type Answer, ok } from '../answers/answer.js';
import { problem } from '../problems/refused.js';
import { route, type InputOf } from '../route/route.js';
import { Input, Route } from '../route/route-decorator.js';
import type { Health, HealthCheck } from './health.js';
import { Surface } from './surface.js';

const Check = z.strictObject({ name: z.string(), ok: z.boolean(), detail: z.string() });

const live = route({
  method: 'GET',
  path: '/health/live',
  operationId: 'live',
  summary: 'The process answers',
  tag: 'health',
  access: 'public',
  answers: { 200: z.strictObject({ status: z.literal('live') }) },
});

const ready = route({
  method: 'GET',
  path: '/health/ready',
  operationId: 'ready',
  summary: 'Traffic may be sent here',
  description: 'Otherwise `503`, with what every check found in `checks`.',
  tag: 'health',
  access: 'public',
  answers: { 200: z.strictObject({ status: z.literal('ready'), checks: z.array(Check) }) },
});

/** A check that does not answer in time has failed. */
const boundMs = 2_000;

const within = async (check: Promise<Health>): Promise<Health> => {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<Health>((resolve) => {
    timer = setTimeout(() => resolve({ ok: false, detail: `did not answer within ${boundMs} ms` }), boundMs);
  });
  return Promise.race([check, late]).finally(() => clearTimeout(timer));
};

const run = async (check: HealthCheck): Promise<z.infer<typeof Check>> => {
  const found = await within(check.check()).catch((): Health => ({ ok: false, detail: 'failed' }));
  return { name: check.name, ok: found.ok, detail: found.detail };
};

@Controller()
export class HealthController {
  constructor(private readonly surface: Surface) {}

  @Route(live)
  live(@Input() _input: InputOf<typeof live>): Answer {
    return ok({ status: 'live' });
  }

  @Route(ready)
  async ready(@Input() _input: InputOf<typeof ready>): Promise<Answer> {
    const checks = await Promise.all(this.surface.healthChecks.map(run));
    const failed = checks.filter(({ ok: fine }) => !fine);
    if (failed.length === 0) return ok({ status: 'ready', checks });
    const detail = `${failed.map(({ name, detail: why }) => `${name}: ${why}`).join('; ')}.`;
    throw problem('unavailable', { detail, checks, retryAfterSeconds: 1 });
  }
}
