import { Injectable } from '@nestjs/common';
import { everything, ViewStore } from '@strata/event-store';
import type { ProjectId } from '@strata/kernel';
import { operationsView } from './operations.projection.js';

interface Known {
  readonly ms: number | undefined;
  readonly readAt: number;
}

const believedForMs = 30_000;
const sample = 21;
/** Fewer say nothing about the next one. */
const leastSample = 3;

const mostKnown = 1_000;

/**
 * How long operations of a kind take in a project: the median of the newest that succeeded there, believed for 30 s. Other
 * projects do not enter, so that nothing can be inferred of them.
 */
@Injectable()
export class UsualDurations {
  readonly #known = new Map<string, Known>();

  constructor(private readonly views: ViewStore) {}

  /** In ms from start to end; undefined while too few have succeeded. */
  async of(projectId: ProjectId, kind: string): Promise<number | undefined> {
    const name = `${projectId} ${kind}`;
    const known = this.#known.get(name);
    const now = Date.now();
    if (known && now - known.readAt < believedForMs) return known.ms;
    const ms = await this.#read(projectId, kind);
    this.#known.delete(name);
    this.#known.set(name, { ms, readAt: now });
    const [oldest] = this.#known.keys();
    if (this.#known.size > mostKnown && oldest !== undefined) this.#known.delete(oldest);
    return ms;
  }

  async #read(projectId: ProjectId, kind: string): Promise<number | undefined> {
    const { rows } = await this.views.list({
      view: operationsView,
      sight: everything,
      where: { projectId: [projectId], kind: [kind], status: ['succeeded'], targetType: ['disk'] },
      sort: { by: 'createdAt', direction: 'desc' },
      limit: sample,
    });
    const durations = rows
      .flatMap(({ startedAt, endedAt }) =>
        startedAt !== null && endedAt !== null ? [Date.parse(endedAt) - Date.parse(startedAt)] : [],
      )
      .sort((a, b) => a - b);
    return durations.length < leastSample ? undefined : durations[Math.floor(durations.length / 2)];
  }
}
