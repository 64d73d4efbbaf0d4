import * as z from 'zod/mini';
import * as contract from '../../contract/index.ts';
import type { JsonSchema } from '../../contract/index.ts';
import { FIELDS } from './fields.ts';

const PREFIX = '#/components/schemas/';

/**
 * The contract's schemas as JSON Schema, each by the name of its export: `consoleView` is
 * `ConsoleView`. Those that nothing refers to are left out of the document.
 */
export class ComponentSchemas {
  readonly #names = z.registry<{ id: string }>();
  readonly #schemas: Readonly<Record<string, JsonSchema>>;

  constructor() {
    for (const [name, value] of Object.entries(contract)) {
      if (value instanceof z.core.$ZodType) this.#names.add(value, { id: pascal(name) });
    }
    const { schemas } = z.toJSONSchema(this.#names, {
      io: 'input',
      uri: (id) => PREFIX + id,
      // zod spells the calendar out in a pattern that nobody can read.
      override: ({ jsonSchema }) => {
        if (jsonSchema.format === 'date-time') delete jsonSchema.pattern;
      },
    });
    this.#schemas = Object.fromEntries(
      Object.entries(schemas).map(([name, schema]) => {
        delete schema.$schema;
        delete schema.$id;
        return [name, explained(name, schema as JsonSchema)];
      }),
    );
  }

  /** @throws Error for a schema that the contract does not export: it would have no name. */
  reference(schema: z.core.$ZodType): JsonSchema {
    const id = this.#names.get(schema)?.id;
    if (id === undefined) throw new Error('a schema of the table is not exported by the contract');
    return { $ref: PREFIX + id };
  }

  /** What a reference refers to. */
  resolve({ $ref = '' }: JsonSchema): JsonSchema {
    return this.#schemas[$ref.slice(PREFIX.length)] ?? {};
  }

  /** All schemas to which this value refers, at any depth, by name. */
  usedBy(value: unknown): Record<string, JsonSchema> {
    const used = new Map<string, JsonSchema>();
    const visit = (found: unknown): void => {
      for (const [, name = ''] of JSON.stringify(found).matchAll(
        /"#\/components\/schemas\/(\w+)"/g,
      )) {
        const schema = this.#schemas[name];
        if (!schema || used.has(name)) continue;
        used.set(name, schema);
        visit(schema);
      }
    };
    visit(value);
    const byName = [...used].toSorted(([a], [b]) => (a < b ? -1 : 1));
    return Object.fromEntries(byName);
  }
}

/** The schema with what people should know of its fields. */
function explained(name: string, schema: JsonSchema): JsonSchema {
  const { properties } = schema;
  if (!properties) return schema;
  const fields = Object.entries(properties).map(([field, of]) => {
    const { description, example } = FIELDS[`${name}.${field}`] ?? {};
    const words = {
      ...(description && { description }),
      ...(example !== undefined && { examples: [example] }),
    };
    return [field, { ...of, ...words }];
  });
  return { ...schema, properties: Object.fromEntries(fields) as Record<string, JsonSchema> };
}

function pascal(name: string): string {
  return name.charAt(0).toUpperCase() + name.slice(1);
}
