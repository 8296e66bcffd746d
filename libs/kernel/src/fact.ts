import type { Charge } from './charge.js';
import type { JsonObject } from './json.js';

/**
 * Something that happened, named in the past tense, with what it does to the quota of its project.
 * `schemaVersion` is that of `data`; older versions are translated when read (upcasters beside the event types).
 */
export interface Fact<Type extends string = string, Data extends object = JsonObject> {
  readonly type: Type;
  readonly schemaVersion: number;
  readonly data: Data;
  readonly charges?: readonly Charge[];
}
