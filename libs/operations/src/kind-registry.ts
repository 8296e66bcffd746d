import type { ProblemKinds } from '@strata/http';
import type { KindRules } from './kind.js';

/** The rules of every kind of operation that this build knows. */
export class KindRegistry {
  readonly #rules: ReadonlyMap<string, KindRules>;

  /** `problems`: what a kind may refuse with when it is asked for the same again. */
  constructor(
    rules: readonly KindRules[],
    readonly problems: ProblemKinds = {},
  ) {
    this.#rules = new Map(rules.map((each) => [each.kind, each]));
    if (this.#rules.size !== rules.length) throw new Error('a kind of operation has two sets of rules');
  }

  /** @throws Error for a kind that only a newer build knows. */
  rulesOf(kind: string): KindRules {
    const rules = this.#rules.get(kind);
    if (!rules) throw new Error(`this build does not know operations of kind ${kind}`);
    return rules;
  }
}
