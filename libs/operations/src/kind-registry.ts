import type { ProblemKinds } from '@strata/http';
import type { Refusal } from '@strata/kernel';
import type { KindRules, KnownOperation } from './kind.js';

/** What stands against trying again now, beyond what the resources themselves say. */
export type RetryAdmission = (operation: KnownOperation) => Promise<Refusal | undefined>;

/** The rules of every kind of operation that this build knows. */
export class KindRegistry {
  readonly #rules: ReadonlyMap<string, KindRules>;

  /** `problems`: what a kind may refuse with when it is asked for the same again; `admissions`: what is asked before that. */
  constructor(
    rules: readonly KindRules[],
    readonly problems: ProblemKinds = {},
    private readonly admissions: readonly RetryAdmission[] = [],
  ) {
    this.#rules = new Map(rules.map((each) => [each.kind, each]));
    if (this.#rules.size !== rules.length) throw new Error('a kind of operation has two sets of rules');
  }

  /** The first refusal. */
  async admitAgain(operation: KnownOperation): Promise<Refusal | undefined> {
    for (const admission of this.admissions) {
      const refusal = await admission(operation);
      if (refusal) return refusal;
    }
    return undefined;
  }

  /** Every kind, in alphabetical order. */
  get names(): readonly string[] {
    return [...this.#rules.keys()].sort();
  }

  /** The kinds that send something to the cloud, in alphabetical order. */
  get sending(): readonly string[] {
    return [...this.#rules.values()].flatMap(({ kind, sends }) => (sends ? [kind] : [])).sort();
  }

  /** @throws Error for a kind that only a newer build knows. */
  rulesOf(kind: string): KindRules {
    const rules = this.#rules.get(kind);
    if (!rules) throw new Error(`this build does not know operations of kind ${kind}`);
    return rules;
  }
}
