export * from './among-all.js';
export * from './append.js';
export * from './event-store.js';
export * from './follower.js';
export * from './event-types.js';
export * from './golden-events.js';
export * from './tail-seat.js';
export * from './view-store.js';
export * from './types-held-back.js';
export { InvalidAppend } from './content.js';
export * from './quota-ledger.js';
export * from './token-store.js';
export { exportLines, verifyExport } from './log-export.js';
export { LogRecord } from './log-record.js';
export { type LogFault, type LogVerification, verifyRecords, type VerifyOptions } from './log-verify.js';
export {
  isSignedBy,
  keyIdOf,
  type LogHead,
  type SignedHead,
  signHead,
  type SigningKey,
  type VerifyingKey,
} from './signed-head.js';
