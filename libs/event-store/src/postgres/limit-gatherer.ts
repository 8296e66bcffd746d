import type { Dimension, Limit, ProjectId } from '@strata/kernel';
import type { Pool } from 'pg';

interface Asked {
  readonly projectId: ProjectId;
  readonly dimension: Dimension;
  readonly least: Promise<Limit>;
  resolve(least: Limit): void;
  reject(error: unknown): void;
}

const askedOf = (projectId: ProjectId, dimension: Dimension): Asked => {
  const { promise: least, resolve, reject } = Promise.withResolvers<Limit>();
  return { projectId, dimension, least, resolve, reject };
};

/**
 * Commands that ask for limits at the same time ask in one statement, and for the same limit once. What is asked while one is
 * under way goes with the next: nobody is told what was read before they asked.
 */
export class LimitGatherer {
  readonly #pool: Pool;
  #waiting = new Map<string, Asked>();
  #underWay = false;

  constructor(pool: Pool) {
    this.#pool = pool;
  }

  least(projectId: ProjectId, dimension: Dimension): Promise<Limit> {
    const name = `${projectId} ${dimension}`;
    const asked = this.#waiting.get(name) ?? askedOf(projectId, dimension);
    this.#waiting.set(name, asked);
    // What arrives in the same turn of the event loop travels together.
    setImmediate(() => void this.#send());
    return asked.least;
  }

  async #send(): Promise<void> {
    if (this.#underWay || this.#waiting.size === 0) return;
    const asked = [...this.#waiting.values()];
    this.#waiting = new Map();
    this.#underWay = true;
    try {
      const { rows } = await this.#pool.query<{ least: string | null }>({
        name: 'least_limits',
        text: `select least_limit(asked.project, asked.dimension) as least
                 from unnest($1::uuid[], $2::text[]) with ordinality as asked(project, dimension, place) order by asked.place`,
        values: [asked.map(({ projectId }) => projectId), asked.map(({ dimension }) => dimension)],
      });
      asked.forEach(({ resolve }, place) => {
        const least = rows[place]?.least ?? null;
        resolve(least === null ? 'unlimited' : Number(least));
      });
    } catch (error) {
      for (const { reject } of asked) reject(error);
    } finally {
      this.#underWay = false;
      void this.#send();
    }
  }
}
