import type { Pool } from 'pg';
import type { Figures } from '@strata/kernel';
import type { Recount, Recounted } from '../quota-ledger.js';

/** Events of the log, nodes of the tree and so on per query: a recount holds no long transaction. */
const CHUNK = 10_000;
const NODES = 500;

interface AmountRow {
  readonly dimension: string;
  readonly held: string;
  readonly used: string;
  readonly releasing: string;
}

const none: Figures = { held: 0, used: 0, releasing: 0 };

/** Figures by dimension, by node. */
class Sums {
  readonly byNode = new Map<string, Map<string, Figures>>();

  add(node: string, { dimension, held, used, releasing }: AmountRow): void {
    const own = this.byNode.get(node) ?? new Map<string, Figures>();
    this.byNode.set(node, own);
    const before = own.get(dimension) ?? none;
    own.set(dimension, {
      held: before.held + Number(held),
      used: before.used + Number(used),
      releasing: before.releasing + Number(releasing),
    });
  }
}

const headOf = async (pool: Pool): Promise<number> => {
  const { rows } = await pool.query<{ head: string }>('select head from log_head()');
  return Number(rows[0]?.head ?? 0);
};

/** What the events of each project add up to. */
const chargesByProject = async (pool: Pool, upTo: number): Promise<Sums> => {
  const sums = new Sums();
  for (let after = 0; after < upTo; after += CHUNK) {
    const { rows } = await pool.query<AmountRow & { project_id: string }>({
      name: 'log_charges',
      text: 'select * from log_charges($1, $2, $3)',
      values: [after, upTo, CHUNK],
    });
    for (const row of rows) sums.add(row.project_id, row);
  }
  return sums;
};

const pathsAt = async (pool: Pool, upTo: number): Promise<ReadonlyMap<string, readonly string[]>> => {
  const paths = new Map<string, readonly string[]>();
  for (let after: string | null = null; ;) {
    const { rows }: { rows: { node: string; path: string[] | null }[] } = await pool.query({
      name: 'charge_paths_at',
      text: 'select node, path from charge_paths_at($1, $2, $3)',
      values: [upTo, after, NODES],
    });
    for (const { node, path } of rows) if (path) paths.set(node, path);
    const last = rows.at(-1);
    if (rows.length < NODES || !last) return paths;
    after = last.node;
  }
};

const ledgerAt = async (pool: Pool, nodes: readonly string[], upTo: number): Promise<Sums> => {
  const sums = new Sums();
  for (let from = 0; from < nodes.length; from += NODES) {
    const { rows } = await pool.query<AmountRow & { node: string }>({
      name: 'quota_ledger_at',
      text: 'select * from quota_ledger_at($1, $2)',
      values: [nodes.slice(from, from + NODES), upTo],
    });
    for (const row of rows) sums.add(row.node, row);
  }
  return sums;
};

const compared = (node: string, ledger: Sums, log: Sums): readonly Recounted[] => {
  const [fromLedger, fromLog] = [ledger.byNode.get(node), log.byNode.get(node)];
  const dimensions = new Set([...(fromLedger?.keys() ?? []), ...(fromLog?.keys() ?? [])]);
  return [...dimensions].sort().map((dimension) => ({
    node,
    dimension,
    ledger: fromLedger?.get(dimension) ?? none,
    log: fromLog?.get(dimension) ?? none,
  }));
};

const differs = ({ ledger, log }: Recounted): boolean =>
  ledger.held !== log.held || ledger.used !== log.used || ledger.releasing !== log.releasing;

/**
 * A move carries the charges of a subtree along, so that the figure of a node is the sum over the projects below it now,
 * whatever the tree was when they were charged.
 */
export const recountAll = async (pool: Pool, upTo?: number): Promise<Recount> => {
  const position = upTo ?? (await headOf(pool));
  const [byProject, paths] = [await chargesByProject(pool, position), await pathsAt(pool, position)];
  const log = new Sums();
  for (const [project, own] of byProject.byNode) {
    for (const node of paths.get(project) ?? [project]) {
      for (const [dimension, { held, used, releasing }] of own) {
        log.add(node, { dimension, held: `${held}`, used: `${used}`, releasing: `${releasing}` });
      }
    }
  }
  const nodes = [...new Set([...paths.keys(), ...log.byNode.keys()])];
  const ledger = await ledgerAt(pool, nodes, position);
  const differences = nodes.flatMap((node) => compared(node, ledger, log).filter(differs));
  return { position, nodes: nodes.length, differences };
};

const addProject = async (pool: Pool, project: string, upTo: number, node: string, log: Sums): Promise<void> => {
  for (let after = 0; ;) {
    const { rows } = await pool.query<Partial<AmountRow> & { last_position: string; dimension: string | null }>({
      name: 'project_charges',
      text: 'select * from project_charges($1, $2, $3, $4)',
      values: [project, after, upTo, CHUNK],
    });
    const [first] = rows;
    if (!first) return;
    for (const { dimension, held = '0', used = '0', releasing = '0' } of rows) {
      if (dimension !== null) log.add(node, { dimension, held, used, releasing });
    }
    after = Number(first.last_position);
  }
};

export const recountNode = async (
  pool: Pool,
  node: string,
  upTo?: number,
): Promise<{ readonly position: number; readonly dimensions: readonly Recounted[] }> => {
  const position = upTo ?? (await headOf(pool));
  const log = new Sums();
  for (const [project, path] of await pathsAt(pool, position)) {
    if (path.includes(node)) await addProject(pool, project, position, node, log);
  }
  return { position, dimensions: compared(node, await ledgerAt(pool, [node], position), log) };
};
