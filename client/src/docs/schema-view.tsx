import type { JsonSchema, OpenApiDocument } from '../../../server/contract/index.ts';
import { resolved } from './sample.ts';
import { Words } from './words.tsx';

type Schemas = OpenApiDocument['components']['schemas'];

interface Props {
  readonly schema: JsonSchema;
  readonly schemas: Schemas;
}

/** What a schema allows: of an object its fields, each with those that are below it. */
export function SchemaView({ schema, schemas }: Props) {
  const whole = resolved(schema, schemas);
  const variants = whole.oneOf ?? [];
  if (whole.items) return <SchemaView schema={whole.items} schemas={schemas} />;
  if (variants.length > 0) {
    return (
      <>
        {variants.map((variant, index) => (
          <SchemaView key={index} schema={variant} schemas={schemas} />
        ))}
      </>
    );
  }
  const { properties = {}, required = [] } = whole;
  return (
    <dl class="fields">
      {Object.entries(properties).map(([name, of]) => (
        <Field key={name} name={name} of={of} needed={required.includes(name)} schemas={schemas} />
      ))}
    </dl>
  );
}

interface FieldProps {
  readonly name: string;
  readonly of: JsonSchema;
  readonly needed: boolean;
  readonly schemas: Schemas;
}

/** One field or parameter: its name, what it takes, what it is for. */
export function Field({ name, of, needed, schemas }: FieldProps) {
  const { description } = of;
  const below = objectOf(of, schemas);
  return (
    <div class="field">
      <dt>
        <code>{name}</code> <span class="quiet">{typeOf(of, schemas)}</span>
        {!needed && <span class="quiet"> · optional</span>}
      </dt>
      <dd>
        {description && <Words text={description} />}
        {below && (
          <details>
            <summary>its fields</summary>
            <SchemaView schema={below} schemas={schemas} />
          </details>
        )}
      </dd>
    </div>
  );
}

/** The object that a field holds, perhaps in a list or as one of several. */
function objectOf(schema: JsonSchema, schemas: Schemas): JsonSchema | undefined {
  const whole = resolved(schema, schemas);
  if (whole.properties || whole.oneOf) return whole;
  if (whole.items) return objectOf(whole.items, schemas);
  return (whole.anyOf ?? []).map((one) => objectOf(one, schemas)).find((one) => one !== undefined);
}

/** Long lists of words are for the schema, not for a line. */
const FEW = 12;

/** In words: `integer, 1 to 200, default 50`. */
export function typeOf(schema: JsonSchema, schemas: Schemas): string {
  const whole = resolved(schema, schemas);
  const { anyOf, items, minimum, maximum, maxLength, format } = whole;
  if (anyOf) return anyOf.map((one) => typeOf(one, schemas)).join(' or ');
  if (items) return `list of ${typeOf(items, schemas)}`;
  if (whole.const !== undefined) return JSON.stringify(whole.const);
  const choices = whole.enum ?? [];
  if (choices.length > 0) {
    const shown = choices.slice(0, FEW).map(String).join(' | ');
    return choices.length > FEW ? `${shown} | …` : shown;
  }
  const words = [format ?? [whole.type ?? 'any'].flat().join(' or ')];
  if (minimum !== undefined && maximum !== undefined) words.push(`${minimum} to ${maximum}`);
  if (maxLength !== undefined) words.push(`at most ${maxLength} characters`);
  if (whole.default !== undefined) words.push(`default ${JSON.stringify(whole.default)}`);
  return words.join(', ');
}
