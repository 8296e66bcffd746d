import { z } from 'zod';
import { documentation, type JsonSchema } from '../../route/documented.js';

type Json = Record<string, unknown>;
type Direction = 'input' | 'output';

const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const definitions = '#/$defs/';
const components = '#/components/schemas/';

/**
 * JSON Schemas of zod schemas. One with an `id` (`.meta({ id: 'Disk' })`) becomes a component, once; where reading and
 * writing differ (a default, a text read as a number), what is sent to the server is named `<id>Input`.
 */
export class Schemas {
  readonly components: Record<string, JsonSchema> = {};
  readonly #texts = new Map<string, string>();

  of(schema: z.ZodType, direction: Direction): JsonSchema {
    const {
      $schema: _dialect,
      $defs,
      ...root
    } = z.toJSONSchema(schema, {
      io: direction,
      unrepresentable: 'any',
      override: ({ zodSchema, jsonSchema }) => this.replace(zodSchema, jsonSchema),
    }) as Json;
    const defs = isObject($defs) ? $defs : {};
    const names = new Map(Object.keys(defs).map((name) => [name, this.nameFor(name, defs, direction)]));
    for (const [name, component] of names) this.components[component] = this.relink(defs[name], names) as JsonSchema;
    return this.relink(root, names) as JsonSchema;
  }

  private replace(schema: object, json: Json): void {
    const byHand = documentation(schema);
    if (!byHand) return;
    for (const member of Object.keys(json)) delete json[member];
    Object.assign(json, byHand);
  }

  private nameFor(name: string, defs: Json, direction: Direction): string {
    const text = JSON.stringify(defs[name]);
    const known = this.#texts.get(name);
    if (known === undefined || known === text) {
      this.#texts.set(name, text);
      return name;
    }
    const other = `${name}${direction === 'input' ? 'Input' : 'Output'}`;
    const taken = this.#texts.get(other);
    if (taken !== undefined && taken !== text) throw new Error(`two schemas are called ${other}`);
    this.#texts.set(other, text);
    return other;
  }

  private relink(value: unknown, names: ReadonlyMap<string, string>): unknown {
    if (Array.isArray(value)) return value.map((item) => this.relink(item, names));
    if (!isObject(value)) return value;
    return Object.fromEntries(
      Object.entries(value).map(([member, inner]) =>
        member === '$ref' && typeof inner === 'string' && inner.startsWith(definitions)
          ? [member, components + (names.get(inner.slice(definitions.length)) ?? inner.slice(definitions.length))]
          : [member, this.relink(inner, names)],
      ),
    );
  }
}
