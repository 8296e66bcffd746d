import { Controller } from '@nestjs/common';
import { z } from 'zod';
import { type Answer, ok } from '../answers/answer.js';
import { type InputOf, route } from '../route/route.js';
import { Input, Route } from '../route/route-decorator.js';
import { describeAsHtml } from './docs-page.js';
import type { OpenApiDocument } from './openapi/document.js';
import { Surface } from './surface.js';

const openApi = route({
  method: 'GET',
  path: '/openapi.json',
  operationId: 'openApi',
  summary: 'This description (OpenAPI 3.1)',
  tag: 'description',
  access: 'public',
  answers: { 200: z.record(z.string(), z.unknown()) },
});

const docs = route({
  method: 'GET',
  path: '/docs',
  operationId: 'docs',
  summary: 'This description as a page',
  tag: 'description',
  access: 'public',
  answers: { 200: z.string() },
  produces: ['text/html'],
});

const links = { openapi: '/openapi.json', docs: '/docs', live: '/health/live', ready: '/health/ready' } as const;

const index = route({
  method: 'GET',
  path: '/',
  operationId: 'index',
  summary: 'Where to go from here',
  tag: 'description',
  access: 'public',
  answers: {
    200: z.strictObject({
      title: z.string(),
      version: z.string(),
      links: z.strictObject({ openapi: z.string(), docs: z.string(), live: z.string(), ready: z.string() }),
    }),
  },
});

@Controller()
export class DescriptionController {
  constructor(private readonly surface: Surface) {}

  @Route(index)
  index(@Input() _input: InputOf<typeof index>): Answer {
    const { title, version } = this.document().info;
    return ok({ title, version, links });
  }

  @Route(openApi)
  openApi(@Input() _input: InputOf<typeof openApi>): Answer {
    return ok(this.document());
  }

  @Route(docs)
  docs(@Input() _input: InputOf<typeof docs>): Answer {
    return describeAsHtml(this.document());
  }

  private document(): OpenApiDocument {
    if (!this.surface.document) throw new Error('the description is asked for before the routes are known');
    return this.surface.document;
  }
}
