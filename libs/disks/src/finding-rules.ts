import type { JsonObject } from '@strata/kernel';
import type { KindRules } from '@strata/operations';
import { z } from 'zod';
import { findingFact, findingStream, type FindingFact } from './finding/index.js';

/** Null of what has not come to be in the cloud, where nothing can be found of it. */
const InCloud = z.object({ cloudId: z.string().nullable() });

/** What the success of something done to a disk means for what was found of it. */
export interface MeaningForFindings {
  /** Whether it means anything for them at all. */
  concerns(input: JsonObject): boolean;
  /** Undefined: it came to nothing. */
  told(outcome: JsonObject, input: JsonObject): FindingFact | undefined;
}

/** The rules of something done to a disk that ends what was found of the disk in the same append. */
export const withFindings = (rules: KindRules, { concerns, told }: MeaningForFindings): KindRules => ({
  ...rules,
  streams: (request) => {
    const { bindingId, input } = request;
    const own = rules.streams(request);
    if (bindingId === null || own.length === 0 || !concerns(input)) return own;
    const { cloudId } = InCloud.parse(input);
    return cloudId === null ? own : [...own, findingStream(bindingId, cloudId)];
  },
  conclude: (ending, operation, resources) => {
    const { streams, result } = rules.conclude(ending, operation, resources);
    const [, thing] = resources;
    const fact = ending.end === 'succeeded' && thing ? told(ending.outcome, operation.input) : undefined;
    const ended = thing && fact ? findingFact(operation.projectId, thing, fact) : [];
    return { streams: [...streams, ...ended], result };
  },
});
