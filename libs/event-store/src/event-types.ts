import type { Charge, Fact, JsonObject, StreamCategory } from '@strata/kernel';
import type { z } from 'zod';
import type { RecordedEvent } from './append.js';

/** A method's type, so that an upcaster may name the exact type of the older version's data. */
type Upcaster = { upcast(data: object): object }['upcast'];

/**
 * One event type with every version ever written: 1, 2, 3 … without a hole. A version stays declared as long as one event
 * of it may stand in a log, which is for ever.
 *
 * Schemas only describe, they never change data (no defaults, no stripping: use `z.strictObject`). Followers skip the
 * validation of what our own log says, so a schema that changed data would give two readers two events; the golden test
 * refuses such a schema.
 */
export interface EventTypeDeclaration {
  readonly versions: Readonly<Record<number, z.ZodType<object>>>;
  /** From version n to n + 1, for each but the newest. Pure; annotate the parameter with the older version's type. */
  readonly upcast?: Readonly<Record<number, Upcaster>>;
}

export type EventTypeDeclarations = Readonly<Record<string, EventTypeDeclaration>>;

type Upcasted<D extends EventTypeDeclaration> = D extends { readonly upcast: infer U } ? keyof U : never;
/** Data of the newest version: the one that no upcaster starts from. */
export type DataOf<D extends EventTypeDeclaration> = z.output<
  D['versions'][Exclude<keyof D['versions'], Upcasted<D>> & number]
>;

/** The event types of one category of streams, declared by the feature that owns them. */
export interface EventCatalogue {
  readonly category: StreamCategory;
  readonly types: EventTypeDeclarations;
}

export interface DefinedEvents<Types extends EventTypeDeclarations> extends EventCatalogue {
  readonly types: Types;
  readonly names: readonly (keyof Types & string)[];
  /** A fact of today's version. */
  fact<Type extends keyof Types & string>(
    type: Type,
    data: DataOf<Types[Type]>,
    charges?: readonly Charge[],
  ): Fact<Type, DataOf<Types[Type]>>;
}

/** Union of a catalogue's facts, as deciders make them. */
export type FactOf<Catalogue extends EventCatalogue> = {
  [Type in keyof Catalogue['types'] & string]: Fact<Type, DataOf<Catalogue['types'][Type]>>;
}[keyof Catalogue['types'] & string];
/** Union of a catalogue's recorded events after decoding. */
export type RecordedOf<Catalogue extends EventCatalogue> = {
  [Type in keyof Catalogue['types'] & string]: RecordedEvent<Type, DataOf<Catalogue['types'][Type]>>;
}[keyof Catalogue['types'] & string];

/** An event that this build cannot read. A follower stops before it; it is never skipped. */
export class UnknownEventType extends Error {
  override readonly name = 'UnknownEventType';
  constructor(
    readonly type: string,
    readonly schemaVersion: number,
    readonly position: number,
    /** Newest version that this build knows; undefined when it does not know the type. */
    readonly newestKnown: number | undefined,
  ) {
    super(
      `event ${position}: ` +
        (newestKnown === undefined
          ? `this build does not know the type ${type}`
          : `this build knows ${type} up to version ${newestKnown}, not version ${schemaVersion}`),
    );
  }
}

/** An event whose data is not what its recorded version declares. */
export class InvalidEventData extends Error {
  override readonly name = 'InvalidEventData';
}

const newestOf = (declaration: EventTypeDeclaration): number => Object.keys(declaration.versions).length;

const checkDeclaration = (type: string, { versions, upcast = {} }: EventTypeDeclaration): void => {
  const declared = Object.keys(versions);
  if (declared.length === 0 || declared.some((version, index) => Number(version) !== index + 1)) {
    throw new Error(`${type}: versions must be 1, 2, 3 … without a hole, not ${declared.join(', ')}`);
  }
  const upcasters = Object.keys(upcast);
  if (upcasters.length !== declared.length - 1 || upcasters.some((version, index) => Number(version) !== index + 1)) {
    throw new Error(`${type}: needs one upcaster for each version but the newest (${declared.length})`);
  }
};

export const defineEvents = <const Types extends EventTypeDeclarations>(declared: {
  readonly category: StreamCategory;
  readonly types: Types;
}): DefinedEvents<Types> => {
  const names = Object.keys(declared.types);
  const newest = new Map(
    Object.entries(declared.types).map(([type, declaration]) => {
      checkDeclaration(type, declaration);
      return [type, newestOf(declaration)];
    }),
  );
  return {
    ...declared,
    names,
    fact: (type, data, charges) => {
      const schemaVersion = newest.get(type);
      if (schemaVersion === undefined) throw new Error(`${type} is not declared for ${declared.category} streams`);
      return { type, schemaVersion, data, ...(charges && { charges }) };
    },
  };
};

interface KnownType {
  readonly category: StreamCategory;
  readonly newest: number;
  /** At index n − 1 the schema of version n and the way from n to n + 1. */
  readonly schemas: readonly z.ZodType<object>[];
  readonly upcasters: readonly Upcaster[];
}

const known = (category: StreamCategory, declaration: EventTypeDeclaration): KnownType => ({
  category,
  newest: newestOf(declaration),
  schemas: Object.values(declaration.versions),
  upcasters: Object.values(declaration.upcast ?? {}),
});

/** All event types that a process knows. */
export class EventTypes {
  readonly #types = new Map<string, KnownType>();

  constructor(catalogues: readonly EventCatalogue[]) {
    for (const { category, types } of catalogues) {
      for (const [type, declaration] of Object.entries(types)) {
        const other = this.#types.get(type);
        if (other) throw new Error(`${type} is declared twice: for ${other.category} and for ${category} streams`);
        this.#types.set(type, known(category, declaration));
      }
    }
  }

  get names(): readonly string[] {
    return [...this.#types.keys()];
  }

  /**
   * Today's shape of an event of our own log: checks only that type and version are known, and upcasts. An event that is
   * of today's version already is returned as it is.
   * @throws UnknownEventType
   */
  upcast(event: RecordedEvent): RecordedEvent {
    const { newest, upcasters } = this.#find(event);
    if (event.schemaVersion === newest) return event;
    const data = upcasters.slice(event.schemaVersion - 1).reduce((older, next) => next(older), event.data as object);
    return { ...event, schemaVersion: newest, data: data as JsonObject };
  }

  /**
   * As `upcast`, for events that come from elsewhere (an export, a golden file): validates the data as recorded first and
   * the result of an upcast afterwards.
   * @throws UnknownEventType, InvalidEventData
   */
  decode(event: RecordedEvent): RecordedEvent {
    const type = this.#find(event);
    if (!event.stream.startsWith(`${type.category}-`)) {
      throw new InvalidEventData(
        `event ${event.position}: ${event.type} does not belong in the stream ${event.stream}`,
      );
    }
    this.#validate(type, event);
    const today = this.upcast(event);
    if (today !== event) this.#validate(type, today);
    return today;
  }

  #find({ type, schemaVersion, position }: RecordedEvent): KnownType {
    const found = this.#types.get(type);
    if (!found || !Number.isInteger(schemaVersion) || schemaVersion < 1 || schemaVersion > found.newest) {
      throw new UnknownEventType(type, schemaVersion, position, found?.newest);
    }
    return found;
  }

  #validate({ schemas }: KnownType, { position, type, schemaVersion, data }: RecordedEvent): void {
    const verdict = schemas[schemaVersion - 1]?.safeParse(data);
    if (verdict && !verdict.success) {
      const faults = verdict.error.issues.map(({ path, message }) => `${path.join('.') || 'data'}: ${message}`);
      throw new InvalidEventData(`event ${position}: not ${type} version ${schemaVersion}: ${faults.join('; ')}`);
    }
  }
}
