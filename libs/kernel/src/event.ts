import type { z } from 'zod';
import type { Charge } from './charge.js';
import type { Fact } from './fact.js';

/** The schema of the data of each event of a stream, by type and version. */
export type EventSchemas = Readonly<Record<string, { readonly 1: z.ZodType<object> }>>;

type TypeOf<Schemas extends EventSchemas> = keyof Schemas & string;

/** The event of one type, or of any of several: by default every event of the stream. */
export type EventOf<Schemas extends EventSchemas, Type extends TypeOf<Schemas> = TypeOf<Schemas>> = {
  [Each in Type]: Fact<Each, Schemas[Each][1]['_zod']['output']>;
}[Type];

/** Makes the events of one stream; see `newEvent`. */
export type EventMaker<Schemas extends EventSchemas> = <Type extends TypeOf<Schemas>>(
  type: Type,
  data: Schemas[Type][1]['_zod']['output'],
  charges?: readonly Charge[],
) => Fact<Type, Schemas[Type][1]['_zod']['output']>;

/** An event as it is written today: of version 1, as every type still is. */
export const newEvent = <Type extends string, Data extends object>(
  type: Type,
  data: Data,
  charges: readonly Charge[] = [],
): Fact<Type, Data> => ({ type, schemaVersion: 1, data, charges });
