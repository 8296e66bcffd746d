import { Injectable } from '@nestjs/common';
import { EventStore, everything, ViewStore, type ViewCursor } from '@strata/event-store';
import type { BindingId, ProjectId } from '@strata/kernel';
import { bindingStream } from '../binding.resource.js';
import { binding, withheldBy, type Binding, type BindingEvent, type Offer } from '../binding/index.js';
import { waitUntilViewed } from '../reading/read-page.js';
import { bindingsView, type BindingRow } from './bindings.projection.js';

interface Withheld {
  readonly by: ReadonlyMap<BindingId, readonly Offer[]>;
  /** Of the view it was read from. */
  readonly position: number;
}

interface Known {
  readonly withheld: Promise<Withheld>;
  readonly readAt: number;
}

/** Up to where a list has to have seen the log. The signal is asked for only to wait. */
export interface SeenTo {
  readonly minPosition: number | undefined;
  readonly signal: AbortSignal;
}

const believedForMs = 1_000;
const pageSize = 500;

/** What can be had through bindings, which callers of their projects may not view and which a change of a binding changes. */
@Injectable()
export class BindingOffers {
  #known: Known | undefined;

  constructor(
    private readonly store: EventStore,
    private readonly views: ViewStore,
  ) {}

  /** As the binding says now. Nothing is withheld by one that is not there. */
  async isWithheld(offer: Offer, bindingId: BindingId): Promise<boolean> {
    return (await this.offered(offer, bindingId)).isWithheld;
  }

  /** Also whether it ever said otherwise: then no version of what it bears tells what of that is offered. */
  async offered(offer: Offer, bindingId: BindingId): Promise<{ isWithheld: boolean; hasChanged: boolean }> {
    const { streams } = await this.store.load({ sight: everything, streams: [bindingStream(bindingId)] });
    // The store hands out events in today's shape.
    const events = (streams[0]?.events ?? []) as unknown as readonly BindingEvent[];
    let known = binding.initial;
    const said = events.map((event) => withholds((known = binding.evolve(known, event)), offer));
    const isWithheld = said.at(-1) ?? false;
    return { isWithheld, hasChanged: said.some((each) => each !== isWithheld) };
  }

  /**
   * For lists: all that withhold it, as their view tells; believed for a second, and only by who need not have seen the log further.
   * @throws Refused when the view does not get there in time, or the log has no such position.
   */
  async withholding(offer: Offer, seenTo: SeenTo): Promise<ReadonlySet<BindingId>> {
    const { by } = await this.#seenTo(seenTo);
    return new Set([...by].flatMap(([bindingId, offers]) => (offers.includes(offer) ? [bindingId] : [])));
  }

  /** The same for what lies in one project, all of which is of its binding. */
  async withholdingIn(projectId: ProjectId, offer: Offer, seenTo: SeenTo): Promise<ReadonlySet<BindingId>> {
    const all = await this.withholding(offer, seenTo);
    if (all.size === 0) return all;
    const bindingId = (await this.store.load({ sight: everything, projectId })).project?.bindingId;
    return new Set(bindingId && all.has(bindingId) ? [bindingId] : []);
  }

  async #seenTo(seenTo: SeenTo): Promise<Withheld> {
    const { minPosition: least = 0 } = seenTo;
    let known = this.#believed();
    let withheld = await known.withheld;
    while (withheld.position < least) {
      await waitUntilViewed({ store: this.store, views: this.views }, bindingsView.name, least, seenTo.signal);
      // Of many that waited one reads.
      known = this.#known === undefined || this.#known === known ? this.#readAnew() : this.#known;
      withheld = await known.withheld;
    }
    return withheld;
  }

  #believed(): Known {
    const known = this.#known;
    return known && Date.now() - known.readAt < believedForMs ? known : this.#readAnew();
  }

  /** Who asks meanwhile waits for the same answer. */
  #readAnew(): Known {
    const known = { withheld: this.#read(), readAt: Date.now() };
    this.#known = known;
    void known.withheld.catch(() => {
      if (this.#known === known) this.#known = undefined;
    });
    return known;
  }

  async #read(): Promise<Withheld> {
    const rows: BindingRow[] = [];
    let position = 0;
    let after: ViewCursor | undefined;
    do {
      const sort = { by: 'createdAt', direction: 'asc' } as const;
      const page = await this.views.list({ view: bindingsView, sight: everything, sort, after, limit: pageSize });
      rows.push(...page.rows);
      position ||= page.position;
      after = page.next ?? undefined;
    } while (after);
    // The key of a binding's row is its id.
    return { by: new Map(rows.map(({ key, doc }) => [key as BindingId, withheldBy(doc.access)])), position };
  }
}

const withholds = (known: Binding, offer: Offer): boolean =>
  known.status === 'live' && withheldBy(known.access).includes(offer);
