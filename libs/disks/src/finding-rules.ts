import type { JsonObject, StreamId } from '@strata/kernel';
import type { KindRules, Requested } from '@strata/operations';
import { z } from 'zod';
import { findingFact, findingStream, type FindingFact } from './finding/index.js';

/** Null of what has not come to be in the cloud, where nothing can be found of it. */
const InCloud = z.object({ cloudId: z.string().nullable() });

/** What the success of something done to a disk or snapshot means for what was found of it. */
export interface MeaningForFindings {
  /** Whether it means anything for them at all. */
  concerns(input: JsonObject): boolean;
  /** Undefined: it came to nothing. */
  told(outcome: JsonObject, input: JsonObject): FindingFact | undefined;
}

/** The rules of something done to a disk, or to a snapshot, that ends what was found of it in the same append. */
export const withFindings = (rules: KindRules, { concerns, told }: MeaningForFindings): KindRules => {
  const found = (request: Requested): StreamId | undefined => {
    const { bindingId, input } = request;
    if (bindingId === null || rules.streams(request).length === 0 || !concerns(input)) return undefined;
    const { cloudId } = InCloud.parse(input);
    return cloudId === null ? undefined : findingStream(bindingId, cloudId);
  };
  return {
    ...rules,
    streams: (request) => {
      const stream = found(request);
      return [...rules.streams(request), ...(stream ? [stream] : [])];
    },
    conclude: (ending, operation, resources) => {
      const { streams, result } = rules.conclude(ending, operation, resources);
      const loaded = resources.find(({ stream }) => stream === found(operation));
      const fact = ending.end === 'succeeded' && loaded ? told(ending.outcome, operation.input) : undefined;
      const ended = loaded && fact ? findingFact(operation.projectId, loaded, fact) : [];
      return { streams: [...streams, ...ended], result };
    },
  };
};

/** A deletion: nothing is left of which something could be found. */
export const endingFindings = (rules: KindRules): KindRules =>
  withFindings(rules, { concerns: () => true, told: () => ({ type: 'RecordDeleted' }) });
