import { Controller } from '@nestjs/common';
import { z } from 'zod';
import { type Answer, ok } from '../../answers/answer.js';
import { type InputOf, route } from '../../route/route.js';
import { Input, Route } from '../../route/route-decorator.js';
import { Surface } from '../surface.js';
import { exposition, expositionType } from './exposition.js';

const metrics = route({
  method: 'GET',
  path: '/metrics',
  operationId: 'metrics',
  summary: 'Figures of this process and of all of Strata, for Prometheus',
  description:
    'Without a token, and without a word of projects: let only those reach it who may know how busy Strata is.',
  tag: 'health',
  access: 'public',
  answers: { 200: z.string() },
  produces: ['text/plain'],
});

@Controller()
export class MetricsController {
  constructor(private readonly surface: Surface) {}

  @Route(metrics)
  async metrics(@Input() _input: InputOf<typeof metrics>): Promise<Answer> {
    const found = await Promise.all(this.surface.metricSources.map((source) => source.metrics()));
    return ok(exposition(found.flat()), { contentType: expositionType });
  }
}
