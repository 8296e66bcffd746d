import { Controller } from '@nestjs/common';
import { z } from 'zod';
import { type Answer, ok } from '../answers/answer.js';
import { problem } from '../problems/refused.js';
import { route, type InputOf } from '../route/route.js';
import { Input, Route } from '../route/route-decorator.js';
import { escapeHtml, inline, page } from './html.js';
import { Surface } from './surface.js';

const explainProblem = route({
  method: 'GET',
  path: '/problems/:code',
  operationId: 'explainProblem',
  summary: 'What a problem means and what to do',
  description: 'The `type` of every problem leads here. In HTML where `Accept` asks for it.',
  tag: 'description',
  access: 'public',
  params: z.strictObject({ code: z.string() }),
  answers: {
    200: z
      .strictObject({
        code: z.string(),
        title: z.string(),
        status: z.int(),
        retryable: z.boolean(),
        explanation: z.string(),
      })
      .meta({ id: 'ProblemExplanation' }),
  },
  produces: ['text/html'],
});

@Controller()
export class ProblemPagesController {
  constructor(private readonly surface: Surface) {}

  @Route(explainProblem)
  explain(@Input() { params: { code }, mediaType }: InputOf<typeof explainProblem>): Answer {
    const kind = Object.hasOwn(this.surface.problems, code) ? this.surface.problems[code] : undefined;
    if (!kind) throw problem('not-found', { detail: 'No problem has this code.' });
    const { title, status, retryable, explanation } = kind;
    if (mediaType !== 'text/html') return ok({ code, title, status, retryable, explanation });
    const again = retryable ? 'The same request may succeed later.' : 'The same request will be refused again.';
    return page(
      title,
      `<h1>${escapeHtml(title)}</h1><p><code>${escapeHtml(code)}</code>, status ${status}. ${again}</p>` +
        `<p>${inline(explanation)}</p><p><a href="/docs">The whole API</a></p>`,
    );
  }
}
