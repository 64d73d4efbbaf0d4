import assert from 'node:assert/strict';
import addFormats from 'ajv-formats';
import { Ajv2020 } from 'ajv/dist/2020.js';
import type { OpenApiDocument, OpenApiOperation } from '../../../server/contract/index.ts';
import { EventStreamParser } from '../../../server/gateway-client/event-stream.ts';

/** An answer as it came. */
export interface Answered {
  readonly status: number;
  readonly type: string | undefined;
  readonly text: string;
  /** Where a redirection leads. */
  readonly location?: string | undefined;
}

/** The API as its document describes it, to hold answers against. */
export class Described {
  readonly #ajv = new Ajv2020({ strict: false, allErrors: true });
  readonly #paths: OpenApiDocument['paths'];

  constructor(document: OpenApiDocument) {
    // ajv-formats has no typed default export for ES modules.
    (addFormats as unknown as (ajv: Ajv2020) => void)(this.#ajv);
    this.#paths = document.paths;
    this.#ajv.addSchema(closed(document), 'document');
  }

  operation(method: string, path: string): OpenApiOperation {
    const found = this.#paths[path]?.[method.toLowerCase()];
    assert.ok(found, `${method} ${path} is not in the document`);
    return found;
  }

  /** Asserts that the document says so of this call: status, media type and body. */
  assertAnswer(method: string, path: string, { status, type, text }: Answered): void {
    const what = `${method} ${path} answers ${status}: ${text.slice(0, 300)}`;
    const response = this.operation(method, path).responses[status];
    assert.ok(response, `${what}, and the document knows no such status`);
    const media = Object.keys(response.content ?? {});
    if (media.length === 0) {
      // Express writes a line for people who cannot follow a redirect.
      if (status !== 303) assert.equal(text, '', what);
      return;
    }
    const found = media.find((name) => type?.split(';')[0] === name);
    assert.ok(found, `${what}, as ${type}; the document says ${media.join(', ')}`);
    const pointer = ['paths', path, method.toLowerCase(), 'responses', status, 'content', found];
    const $ref = `document#/${pointer.map(escaped).join('/')}/schema`;
    for (const value of valuesOf(found, text)) {
      const valid = this.#ajv.validate({ $ref }, value);
      assert.ok(
        valid,
        `${what}\n${this.#ajv.errorsText()} ${JSON.stringify(this.#ajv.errors?.[0]?.params)}`,
      );
    }
  }
}

function valuesOf(media: string, text: string): unknown[] {
  if (media !== 'text/event-stream') return [JSON.parse(text)];
  const events = new EventStreamParser().push(text);
  assert.ok(events.length > 0, 'a stream without events shows nothing');
  return events.map(({ data }) => JSON.parse(data) as unknown);
}

/**
 * The document with no room for fields that it does not name: clients let answers gain fields, and
 * no answer has a field today that nobody described.
 */
function closed(document: OpenApiDocument): object {
  const close = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(close);
    if (typeof value !== 'object' || value === null) return value;
    const inner = Object.fromEntries(Object.entries(value).map(([key, of]) => [key, close(of)]));
    const isObject = inner['type'] === 'object' && 'properties' in inner;
    return isObject && !('additionalProperties' in inner)
      ? { ...inner, additionalProperties: false }
      : inner;
  };
  return close(document) as object;
}

function escaped(part: string | number): string {
  return encodeURIComponent(String(part).replaceAll('~', '~0').replaceAll('/', '~1'));
}
