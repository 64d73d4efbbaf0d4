import type { JsonSchema, OpenApiDocument } from '../../../server/contract/index.ts';

type Schemas = OpenApiDocument['components']['schemas'];

/** What a schema's reference refers to, with the words that stand beside the reference. */
export function resolved({ $ref, ...beside }: JsonSchema, schemas: Schemas): JsonSchema {
  if ($ref === undefined) return beside;
  const target = schemas[$ref.slice($ref.lastIndexOf('/') + 1)] ?? {};
  return { ...resolved(target, schemas), ...beside };
}

/** A value that fits a schema: of an object what is required, and what has an example. */
export function sampleOf(schema: JsonSchema, schemas: Schemas): unknown {
  const whole = resolved(schema, schemas);
  const { properties, required = [], examples, anyOf, oneOf, items } = whole;
  if (examples) return examples[0];
  if (whole.const !== undefined) return whole.const;
  if (whole.enum) return whole.enum[0];
  const choice = (anyOf ?? oneOf)?.[0];
  if (choice) return sampleOf(choice, schemas);
  if (properties) {
    const shown = Object.entries(properties).filter(
      ([name, of]) => required.includes(name) || resolved(of, schemas).examples,
    );
    return Object.fromEntries(shown.map(([name, of]) => [name, sampleOf(of, schemas)]));
  }
  if (items) return [sampleOf(items, schemas)];
  if (whole.type === 'integer' || whole.type === 'number') return whole.minimum ?? 1;
  if (whole.type === 'boolean') return true;
  return 'text'.padEnd(whole.minLength ?? 0, '.');
}
