import type { HealthCheck } from './health.js';
import type { MetricSource } from './metrics/exposition.js';
import type { OpenApiDocument } from './openapi/document.js';
import type { ProblemKinds } from '../problems/problem-kinds.js';

/** What the platform's own routes tell about: filled by the server once all routes are known. */
export class Surface {
  document: OpenApiDocument | undefined;

  constructor(
    readonly problems: ProblemKinds,
    readonly healthChecks: readonly HealthCheck[],
    readonly metricSources: readonly MetricSource[],
  ) {}
}

/** All sets as one. A code that is defined twice would have two meanings. */
export const mergeProblems = (sets: readonly ProblemKinds[]): ProblemKinds => {
  const all = new Map<string, ProblemKinds[string]>();
  for (const [code, kind] of sets.flatMap((set) => Object.entries(set))) {
    const known = all.get(code);
    if (known !== undefined && known !== kind) throw new Error(`the problem ${code} is defined twice`);
    all.set(code, kind);
  }
  return Object.fromEntries(all);
};
