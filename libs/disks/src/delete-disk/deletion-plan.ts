import { createHash } from 'node:crypto';
import type { DeletionStep } from './disk-dependents.js';

/** SHA-256 over what is done to what, in which order; hex. What the things are called does not count. */
export const planHashOf = (steps: readonly DeletionStep[]): string =>
  createHash('sha256')
    .update(JSON.stringify(steps.map(({ action, type, id }) => [action, type, id])))
    .digest('hex');
