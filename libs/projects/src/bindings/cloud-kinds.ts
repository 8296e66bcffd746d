import { Injectable } from '@nestjs/common';
import { EventStore, everything } from '@strata/event-store';
import type { BindingId } from '@strata/kernel';
import { bindingStream, foldBinding } from '../binding.resource.js';
import type { CloudKind } from '../binding/index.js';

/**
 * Of which kind bindings are, which callers of their projects may not view, and which no binding ever changes: each is read
 * once.
 */
@Injectable()
export class CloudKinds {
  readonly #known = new Map<BindingId, CloudKind>();

  constructor(private readonly store: EventStore) {}

  /** undefined for a binding that is not there. */
  async of(bindingId: BindingId): Promise<CloudKind | undefined> {
    const known = this.#known.get(bindingId);
    if (known !== undefined) return known;
    const { streams } = await this.store.load({ sight: everything, streams: [bindingStream(bindingId)] });
    const binding = foldBinding(streams[0]);
    if (binding.status !== 'live') return undefined;
    this.#known.set(bindingId, binding.access.kind);
    return binding.access.kind;
  }
}
