import { z } from 'zod';
import { covers, OPERATIONS } from '../http/operation.js';
import { HORIZON_MS } from '../world/world.js';

const isRegex = (source: string): boolean => {
  try {
    new RegExp(source, 'u');
    return true;
  } catch {
    return false;
  }
};

const unknownOperation = {
  error: ({ input }: { readonly input?: unknown }) =>
    `${JSON.stringify(input)} names no operation; known are ${OPERATIONS.join(', ')}`,
};

const OperationPattern = z
  .string()
  .refine((pattern) => OPERATIONS.some((operation) => covers(pattern, operation)), unknownOperation);

const OperationPatterns = z.union([OperationPattern, z.array(OperationPattern).min(1)], unknownOperation);

const Match = z.strictObject({
  /** Call kinds as `GET /_simulator/requests` names them; `disks.*` stands for all of its group. */
  operation: OperationPatterns.optional(),
  cloudProjectId: z.string().min(1).optional(),
  name: z.string().refine(isRegex, 'is no regular expression').optional(),
});

const common = {
  match: Match.optional(),
  /** How often it fires before it is spent; without it, always. */
  times: z.int().min(1).optional(),
  probability: z.number().min(0).max(1).optional(),
  seed: z.int().optional(),
};

const lateness = z
  .number()
  .min(0)
  .max(HORIZON_MS / 1_000);

const plain = <Kind extends string>(kind: Kind) => z.strictObject({ kind: z.literal(kind), ...common });

export const FaultSpec = z.discriminatedUnion('kind', [
  plain('throttle'),
  plain('bad-gateway'),
  plain('gateway-timeout'),
  plain('drop-request'),
  plain('error-after-accept'),
  plain('drop-answer'),
  z.strictObject({ kind: z.literal('hang'), ms: z.int().min(1).optional(), ...common }),
  plain('job-stuck'),
  z.strictObject({ kind: z.literal('job-failed'), leaveNothing: z.boolean().optional(), ...common }),
  plain('job-lost'),
  z.strictObject({ kind: z.literal('stale-list'), seconds: lateness, ...common }),
  z.strictObject({ kind: z.literal('late-effect'), seconds: lateness, ...common }),
  z.strictObject({ kind: z.literal('tag-search-off'), answer: z.enum(['not-found', 'empty']).optional(), ...common }),
  plain('metadata-filter-ignored'),
]);
export type FaultSpec = z.infer<typeof FaultSpec>;
export type FaultKind = FaultSpec['kind'];
export type FaultOf<Kind extends FaultKind> = Extract<FaultSpec, { kind: Kind }>;

export const FaultsBody = z.strictObject({ faults: z.array(FaultSpec), seed: z.int().optional() });
export type FaultsBody = z.infer<typeof FaultsBody>;
