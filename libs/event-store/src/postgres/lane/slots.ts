import type { ChargePaths } from './charge-paths.js';
import type { PreparedAppend } from './prepare.js';

interface Amounts {
  held: number;
  used: number;
  releasing: number;
}

interface Slot extends Amounts {
  readonly node: number;
  readonly dimension: number;
  /** Sum of what the appends add where they add: an upper bound of what the batch can add in any order. */
  up: number;
  index: number;
}

interface Share extends Amounts {
  readonly slot: Slot;
  distance: number;
  readonly order: number;
}

/** Charges run up: every touched (node, dimension) once, and what each append does to it, nearest node first. */
export interface SlotTable {
  readonly nodes: readonly string[];
  readonly slotsPerNode: readonly number[];
  readonly dimensions: readonly string[];
  /** Grouped by node. */
  readonly slots: readonly Slot[];
  readonly shares: readonly { readonly append: number; readonly share: Share }[];
  /** False when a sum over the batch is beyond what a number holds exactly: the lane must then add up append by append. */
  readonly isExact: boolean;
}

const numbered = () => {
  const numbers = new Map<string, number>();
  return {
    numbers,
    of: (name: string): number => {
      let number = numbers.get(name);
      if (number === undefined) numbers.set(name, (number = numbers.size));
      return number;
    },
  };
};

const add = (to: Amounts, amounts: Readonly<Amounts>): void => {
  to.held += amounts.held;
  to.used += amounts.used;
  to.releasing += amounts.releasing;
};

export const slotTable = (appends: readonly PreparedAppend[], paths: ChargePaths): SlotTable => {
  const nodes = numbered();
  const dimensions = numbered();
  const byNode: Map<number, Slot>[] = [];
  const shares: { append: number; share: Share }[] = [];

  const slotOf = (nodeId: string, dimension: number): Slot => {
    const node = nodes.of(nodeId);
    const own = (byNode[node] ??= new Map<number, Slot>());
    let slot = own.get(dimension);
    if (!slot) own.set(dimension, (slot = { node, dimension, held: 0, used: 0, releasing: 0, up: 0, index: 0 }));
    return slot;
  };

  appends.forEach(({ charges }, append) => {
    const own = new Map<Slot, Share>();
    charges.forEach((net, order) => {
      const dimension = dimensions.of(net.dimension);
      paths.of(net.projectId)?.forEach((nodeId, distance) => {
        const slot = slotOf(nodeId, dimension);
        const known = own.get(slot);
        if (!known) {
          const { held, used, releasing } = net;
          own.set(slot, { slot, distance, order, held, used, releasing });
          return;
        }
        known.distance = Math.min(known.distance, distance);
        add(known, net);
      });
    });
    const sorted = [...own.values()].sort((a, b) => a.distance - b.distance || a.order - b.order);
    for (const share of sorted) {
      add(share.slot, share);
      share.slot.up += Math.max(0, share.held + share.used + share.releasing);
      shares.push({ append, share });
    }
  });

  const slots = byNode.flatMap((own) => [...own.values()]);
  slots.forEach((slot, index) => (slot.index = index));
  return {
    nodes: [...nodes.numbers.keys()],
    slotsPerNode: byNode.map((own) => own.size),
    dimensions: [...dimensions.numbers.keys()],
    slots,
    shares,
    isExact: slots.every(({ held, used, releasing, up }) => [held, used, releasing, up].every(Number.isSafeInteger)),
  };
};
