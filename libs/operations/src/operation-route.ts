import { OperationId } from '@strata/kernel';
import { z } from 'zod';

/** The address of an operation. */
export const operationParams = z.strictObject({ operationId: OperationId });

/** What every command about an operation that exists may be answered with. */
export const operationCommandProblems = [
  'forbidden',
  'version-conflict',
  'concurrent-change',
  'idempotency-mismatch',
] as const;
