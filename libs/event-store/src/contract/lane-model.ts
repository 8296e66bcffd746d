import { charged, type Figures } from '@strata/kernel';
import type { Append, LaneChange, Verdict } from '../append.js';

interface Node {
  readonly kind: 'project' | 'binding';
  parentId: string | null;
  readonly bindingId: string | null;
  isRemoved: boolean;
  limits: ReadonlyMap<string, number | 'unlimited'>;
  readonly figures: Map<string, Figures>;
}

/** A verdict as far as the order of appends decides it: without times. */
export type ModelVerdict =
  Exclude<Verdict, { status: 'committed' }> | { readonly status: 'committed'; readonly position: number };

interface Share extends Figures {
  readonly node: string;
  readonly distance: number;
  readonly order: number;
  readonly dimension: string;
}

const none: Figures = { held: 0, used: 0, releasing: 0 };

const sum = (a: Figures, b: Figures): Figures => ({
  held: a.held + b.held,
  used: a.used + b.used,
  releasing: a.releasing + b.releasing,
});

const negative = ({ held, used, releasing }: Figures): Figures => ({
  held: 0 - held,
  used: 0 - used,
  releasing: 0 - releasing,
});

class Refused extends Error {
  constructor(readonly verdict: ModelVerdict) {
    super('refused');
  }
}

const treeConflict = (what: string) => new Refused({ status: 'conflict', on: 'tree', what });

/** What the commit lane means, one append after the other, in memory: the specs hold the lane against it. */
export class LaneModel {
  readonly nodes = new Map<string, Node>();
  position = 0;
  readonly #streams = new Map<string, number>();
  readonly #appends = new Map<string, number>();
  readonly #keys = new Map<string, Extract<Verdict, { status: 'key-known' }>>();

  append(append: Append): ModelVerdict {
    const replayed = this.#appends.get(append.appendId);
    if (replayed !== undefined) return { status: 'replayed', position: replayed };
    const known = append.key && this.#keys.get(`${append.key.scope}\n${append.key.key}`);
    if (known) return known;
    try {
      return this.#commit(append);
    } catch (error) {
      if (error instanceof Refused) return error.verdict;
      throw error;
    }
  }

  /** From the project itself up to the root and, as the last one, its binding. */
  chargePath(projectId: string): readonly string[] {
    const path = this.path(projectId);
    const binding = this.nodes.get(projectId)?.bindingId;
    return binding ? [...path, binding] : path;
  }

  path(projectId: string | null): readonly string[] {
    const node = projectId === null ? undefined : this.nodes.get(projectId);
    return projectId === null || !node ? [] : [projectId, ...this.path(node.parentId)];
  }

  figures(node: string, dimension: string): Figures {
    return this.nodes.get(node)?.figures.get(dimension) ?? none;
  }

  #commit(append: Append): ModelVerdict {
    const changes = append.changes ?? [];
    if (changes.length === 0) for (const { projectId } of append.streams) this.#reachable(projectId, append);
    for (const { stream, expectedVersion } of append.streams) {
      if ((this.#streams.get(stream) ?? 0) !== expectedVersion) {
        throw new Refused({ status: 'conflict', on: 'stream', what: stream });
      }
    }
    const before = structuredClone([...this.nodes]);
    try {
      for (const change of changes) this.#apply(change, append.mode);
      if (changes.length > 0) append.streams.forEach(({ projectId }) => this.#present(projectId, changes));
    } catch (error) {
      this.nodes.clear();
      for (const [id, node] of before) this.nodes.set(id, node);
      throw error;
    }
    this.#charge(append);
    for (const { stream, expectedVersion, events } of append.streams) {
      this.#streams.set(stream, expectedVersion + events.length);
      this.position += events.length;
    }
    const { position } = this;
    this.#appends.set(append.appendId, position);
    if (append.key) {
      const { scope, key, fingerprint, answer } = append.key;
      this.#keys.set(`${scope}\n${key}`, { status: 'key-known', fingerprint, answer, position });
    }
    return { status: 'committed', position };
  }

  #charge(append: Append): void {
    const shares = this.#shares(append);
    if (append.mode === 'command') {
      for (const share of shares) this.#refuseBeyond(share, charged(share));
    }
    for (const { node, dimension, ...amounts } of shares) this.#add(node, dimension, amounts);
  }

  /** Net over the append by node and dimension, nearest node first, then in the order of the charges. */
  #shares({ streams }: Append): readonly Share[] {
    const nets = new Map<string, { projectId: string; dimension: string; amounts: Figures }>();
    for (const { projectId, events } of streams) {
      for (const { dimension, ...amounts } of events.flatMap((event) => event.charges ?? [])) {
        const net = nets.get(`${projectId}\n${dimension}`);
        nets.set(`${projectId}\n${dimension}`, { projectId, dimension, amounts: sum(net?.amounts ?? none, amounts) });
      }
    }
    const shares = new Map<string, Share>();
    [...nets.values()].forEach(({ projectId, dimension, amounts }, order) => {
      this.chargePath(projectId).forEach((node, distance) => {
        const known = shares.get(`${node}\n${dimension}`);
        shares.set(`${node}\n${dimension}`, {
          ...{
            node,
            dimension,
            order: known?.order ?? order,
            distance: Math.min(known?.distance ?? distance, distance),
          },
          ...sum(known ?? none, amounts),
        });
      });
    });
    return [...shares.values()].sort((a, b) => a.distance - b.distance || a.order - b.order);
  }

  #refuseBeyond({ node: id, dimension, distance }: Omit<Share, 'order'>, requested: number): void {
    const node = this.nodes.get(id);
    const limit = node?.limits.get(dimension) ?? 'unlimited';
    const figures = this.figures(id, dimension);
    if (!node || requested <= 0 || limit === 'unlimited' || charged(figures) + requested <= limit) return;
    const at = { node: id, nodeKind: node.kind, distance, dimension };
    throw new Refused({ status: 'over-quota', ...at, requested, limit, ...figures });
  }

  #add(node: string, dimension: string, { held, used, releasing }: Figures): void {
    this.nodes.get(node)?.figures.set(dimension, sum(this.figures(node, dimension), { held, used, releasing }));
  }

  #live(id: string, kind?: Node['kind']): Node {
    const node = this.nodes.get(id);
    if (!node || node.isRemoved || (kind && node.kind !== kind)) throw treeConflict(id);
    return node;
  }

  /** What ends in a node that was removed meanwhile is still written, unless it has something to charge. */
  #reachable(projectId: string, { mode, streams }: Append): void {
    const isFree = mode === 'fact' && streams.every(({ events }) => events.every(({ charges }) => !charges?.length));
    if (!isFree || !this.nodes.has(projectId)) this.#live(projectId, 'project');
  }

  /** Of an append with changes: the project may be one that it removes. */
  #present(id: string, changes: readonly LaneChange[]): void {
    const removedNow = changes.some((change) => change.change === 'project-removed' && change.projectId === id);
    if (!removedNow) this.#live(id);
  }

  #apply(change: LaneChange, mode: Append['mode']): void {
    switch (change.change) {
      case 'project-added': {
        const { projectId, parentId, bindingId } = change;
        if (this.nodes.has(projectId)) throw treeConflict(projectId);
        if (parentId !== null) this.#live(parentId, 'project');
        if (bindingId !== null) this.#live(bindingId, 'binding');
        this.#make(projectId, 'project', parentId, bindingId);
        return;
      }
      case 'binding-added':
        if (this.nodes.has(change.bindingId)) throw treeConflict(change.bindingId);
        this.#make(change.bindingId, 'binding', null, null);
        return;
      case 'limits-set':
        this.#live(change.node).limits = new Map(change.limits.map(({ dimension, limit }) => [dimension, limit]));
        return;
      case 'project-removed':
        return this.#remove(change.projectId);
      case 'binding-removed':
        return this.#remove(change.bindingId);
      case 'project-moved':
        return this.#move(change.projectId, change.parentId, mode);
      default:
        throw new Error(`not modelled: ${change.change}`);
    }
  }

  #make(id: string, kind: Node['kind'], parentId: string | null, bindingId: string | null): void {
    const fresh = { kind, parentId, bindingId, isRemoved: false, limits: new Map<string, number>() };
    this.nodes.set(id, { ...fresh, figures: new Map<string, Figures>() });
  }

  #remove(id: string): void {
    const node = this.#live(id);
    const isUsed = [...this.nodes.values()].some(
      ({ parentId, bindingId, isRemoved }) => !isRemoved && (parentId === id || bindingId === id),
    );
    const isCharged = [...node.figures.values()].some(({ held, used, releasing }) => held || used || releasing);
    if (isUsed || isCharged) throw treeConflict(id);
    node.isRemoved = true;
  }

  #move(id: string, parentId: string, mode: Append['mode']): void {
    const node = this.#live(id, 'project');
    this.#live(parentId, 'project');
    const [from, to] = [this.path(node.parentId), this.path(parentId)];
    if (to.includes(id)) throw treeConflict(parentId);
    if (mode === 'command') {
      to.forEach((gaining, index) => {
        if (from.includes(gaining)) return;
        for (const [dimension, figures] of [...node.figures].sort(([a], [b]) => (a < b ? -1 : 1))) {
          this.#refuseBeyond({ node: gaining, dimension, distance: index + 1, ...figures }, charged(figures));
        }
      });
    }
    for (const [dimension, figures] of node.figures) {
      for (const gaining of to) if (!from.includes(gaining)) this.#add(gaining, dimension, figures);
      for (const losing of from) if (!to.includes(losing)) this.#add(losing, dimension, negative(figures));
    }
    node.parentId = parentId;
  }
}
