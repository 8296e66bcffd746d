import { accept } from '@strata/kernel';
import type { Ending, KindRules } from '@strata/operations';

const resultOf = (ending: Ending) => (ending.end === 'succeeded' ? ending.outcome : {});

/** What looks after a binding as a whole: it only looks, and touches no resource of the log by itself. */
const tendingRules = (kind: string, deadlineMs: number): KindRules => ({
  kind,
  sends: false,
  absence: 'one-look',
  deadlineMs,
  streams: () => [],
  conclude: (ending) => ({ streams: [], result: resultOf(ending) }),
  retry: ({ input }) => ({ ...accept(), streams: [], input }),
});

export const checkBindingRules = tendingRules('binding.check', 5 * 60_000);
export const sweepBindingRules = tendingRules('binding.sweep', 60 * 60_000);
