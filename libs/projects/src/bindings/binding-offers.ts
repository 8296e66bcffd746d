import { Injectable } from '@nestjs/common';
import { EventStore, everything, ViewStore, type ViewCursor } from '@strata/event-store';
import type { BindingId } from '@strata/kernel';
import { bindingStream, foldBinding } from '../binding.resource.js';
import { withheldBy, type Offer } from '../binding/index.js';
import { bindingsView, type BindingRow } from './bindings.projection.js';

interface Withheld {
  readonly by: ReadonlyMap<BindingId, readonly Offer[]>;
  /** Of the view it was read from. */
  readonly position: number;
}

const believedForMs = 1_000;
const pageSize = 500;

/** What can be had through bindings, which callers of their projects may not view and which a change of a binding changes. */
@Injectable()
export class BindingOffers {
  #known: { readonly withheld: Promise<Withheld>; readonly readAt: number } | undefined;

  constructor(
    private readonly store: EventStore,
    private readonly views: ViewStore,
  ) {}

  /** As the binding says now. Nothing is withheld by one that is not there. */
  async isWithheld(offer: Offer, bindingId: BindingId): Promise<boolean> {
    const { streams } = await this.store.load({ sight: everything, streams: [bindingStream(bindingId)] });
    const binding = foldBinding(streams[0]);
    return binding.status === 'live' && withheldBy(binding.access).includes(offer);
  }

  /** For lists: all that withhold it, as their view tells; believed for a second, but not by who has seen the log further. */
  async withholding(offer: Offer, least = 0): Promise<ReadonlySet<BindingId>> {
    let withheld = await this.#believed();
    if (withheld.position < least) withheld = await this.#readAnew();
    return new Set([...withheld.by].flatMap(([bindingId, offers]) => (offers.includes(offer) ? [bindingId] : [])));
  }

  #believed(): Promise<Withheld> {
    const known = this.#known;
    return known && Date.now() - known.readAt < believedForMs ? known.withheld : this.#readAnew();
  }

  /** Who asks meanwhile waits for the same answer. */
  #readAnew(): Promise<Withheld> {
    const known = { withheld: this.#read(), readAt: Date.now() };
    this.#known = known;
    void known.withheld.catch(() => {
      if (this.#known === known) this.#known = undefined;
    });
    return known.withheld;
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
