import { Injectable } from '@nestjs/common';
import { Answer, problem, type Caller, type ProblemFacts, type ProblemKinds } from '@strata/http';
import type { JsonObject } from '@strata/kernel';
import { answered, sightOf, Verdict, type Accepted } from '@strata/projects';
import { z } from 'zod';
import { hasEnded, type OperationRecord } from '../operation.record.js';
import { OperationResource, showOperation } from '../operation.resource.js';
import { OperationReader, type FoundOperation } from '../operation-reader.js';
import type { ExecutedOperation } from './execute-operation.js';
import { operationStream } from './request-operation.js';

/** Answers of every write that yields an operation. */
export const operationAnswers = {
  202: OperationResource,
  /** The operation when the wait of `Prefer` saw its end, this time or the first; the verdict of `?validateOnly=true`. */
  200: z.union([OperationResource, Verdict]),
} as const;

/** The part of a request that its answer needs; an `InputOf<…>` of an authenticated write is one. */
export interface OperationCall {
  readonly caller: Caller;
  readonly prefer: { readonly waitSeconds: number } | undefined;
  readonly signal: AbortSignal;
}

@Injectable()
export class OperationAnswers {
  constructor(private readonly reader: OperationReader) {}

  /** The operation that came of a command: `202`, or `200` when its end was waited for and seen. */
  answer<R extends ProblemFacts>(
    call: OperationCall,
    { executed, requested }: ExecutedOperation<R>,
    problems: ProblemKinds<R['type']>,
  ): Promise<Answer> {
    return answered(executed, problems, async (accepted) => {
      const stream = requested && operationStream(requested.id);
      const known = requested && stream && { record: requested, stream, position: accepted.position };
      return this.#show(call, accepted, known);
    });
  }

  async #show(call: OperationCall, accepted: Accepted, known: FoundOperation | undefined): Promise<Answer> {
    const { answer, position, replayed } = accepted;
    const { prefer } = call;
    const found = await this.#current(call, String(answer['operationId']), known);
    if (!found) throw problem('not-found');
    const { record } = found;
    const seenEnded = hasEnded(record) && (prefer !== undefined || (replayed && firstSawTheEnd(answer, record)));
    // Nothing but the request is known of what was accepted just now: it waits for its turn.
    const shown =
      record === known?.record
        ? showOperation(record, { now: new Date() })
        : await this.reader.show(record, sightOf(call.caller));
    return new Answer(seenEnded ? 200 : Number(answer['status']), shown, {
      location: String(answer['location']),
      position: Math.max(position, record.position),
      replayed,
      preferenceApplied: prefer && `wait=${prefer.waitSeconds}`,
    });
  }

  /** A client that hangs up cancels nothing: the wait ends, the operation goes on. */
  async #current(
    { caller, prefer, signal }: OperationCall,
    operationId: string,
    known: FoundOperation | undefined,
  ): Promise<FoundOperation | undefined> {
    if (known && (!prefer || hasEnded(known.record))) return known;
    const sight = sightOf(caller);
    return prefer
      ? this.reader.awaitEnd(sight, operationId, prefer.waitSeconds * 1_000, signal)
      : this.reader.find(sight, operationId);
  }
}

/**
 * Whether the first answer, too, was `200`: it had waited, and not in vain. Both times are those at which the log recorded it, so
 * that no clock of an api counts.
 */
const firstSawTheEnd = ({ waitSeconds }: JsonObject, { createdAt, endedAt }: OperationRecord): boolean =>
  typeof waitSeconds === 'number' &&
  endedAt !== null &&
  Date.parse(endedAt) - Date.parse(createdAt) <= waitSeconds * 1_000;
