import type { ClientBase } from 'pg';

/** A project's nodes from itself up to the root and, as the last one, its binding. */
export type ChargePath = readonly string[];

/**
 * The tree as this process knows it: where charges run up. Only a copy: the lane refuses a batch that was resolved under
 * another version of the tree, and the copy is then made anew.
 */
export class ChargePaths {
  #version = -1;
  #paths = new Map<string, ChargePath>();

  get version(): number {
    return this.#version;
  }

  /** Undefined for a project that does not exist (any more) in this version of the tree. */
  of(projectId: string): ChargePath | undefined {
    return this.#paths.get(projectId);
  }

  forget(): void {
    this.#version = -1;
    this.#paths.clear();
  }

  /** Reads what is missing. */
  async learn(client: ClientBase, projectIds: Iterable<string>): Promise<void> {
    const missing = [...projectIds].filter((id) => !this.#paths.has(id));
    if (missing.length === 0 && this.#version >= 0) return;
    const { rows } = await client.query<{ version: string; id: string | null; path: string[] | null }>({
      name: 'charge_paths',
      text: 'select version, id, path from charge_paths($1)',
      values: [missing],
    });
    const version = Number(rows[0]?.version);
    if (version !== this.#version && this.#version >= 0) {
      // The tree changed since the rest was read.
      const needed = [...projectIds];
      this.#paths.clear();
      this.#version = -1;
      if (missing.length < needed.length) return this.learn(client, needed);
    }
    this.#version = version;
    for (const { id, path } of rows) if (id !== null && path !== null) this.#paths.set(id, path);
  }
}
