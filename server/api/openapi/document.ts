import {
  type Caller,
  type JsonSchema,
  type OpenApiContent,
  type OpenApiDocument,
  type OpenApiOperation,
  type OpenApiParameter,
  type OpenApiResponse,
  type Operation,
  STATUS,
  type StatusCode,
  TAGS,
  type Tag,
  problem,
  problemsOf,
} from '../../contract/index.ts';
import { GatewayError, problemOf } from '../../errors.ts';
import { sessionCookieName } from '../session.ts';
import { ComponentSchemas } from './component-schemas.ts';

const TAG_WORDS: Readonly<Record<Tag, string>> = {
  session: 'Signing in and out by cookie. Programs bring an API token in its place.',
  account: 'For people: one-time codes, where they are signed in, their API tokens.',
  machines: 'What can be opened.',
  consoles: 'Opening a console, following it, giving it more time, closing it.',
  portals: 'Ways in for portals that call no API.',
  gateway: 'The gateway itself.',
};

const securitySchemes = (cookie: string) => ({
  apiToken: { type: 'http', scheme: 'bearer', description: 'An API token.' },
  session: {
    type: 'apiKey',
    in: 'cookie',
    name: cookie,
    description: 'The cookie of `login`, or of `redeemConsole` for its console.',
  },
  consoleBearer: {
    type: 'http',
    scheme: 'bearer',
    description: 'The bearer of `redeemConsole`, for its console alone.',
  },
});

/** What each caller may bring, any one of them. */
const BRINGS: Readonly<Record<Caller, readonly Record<string, readonly string[]>[]>> = {
  user: [{ apiToken: [] }, { session: [] }],
  person: [{ session: [] }],
  console: [{ consoleBearer: [] }, { session: [] }],
};

const DESCRIPTION = `Errors are RFC 9457 problems with a stable \`code\`. Times are RFC 3339 UTC, durations
seconds. Ids in paths are URL-encoded. Lists answer \`{items, next}\`: pass \`next\` as \`cursor\` for the
next page. Unknown fields and repeated parameters are refused; answers may gain fields.`;

/**
 * The OpenAPI 3.1 document of these operations; the same for the same arguments, byte by byte.
 *
 * @param url where the gateway is.
 */
export function openApiDocument(
  operations: Readonly<Record<string, Operation>>,
  url: string,
): OpenApiDocument {
  const schemas = new ComponentSchemas();
  const paths: Record<string, Record<string, OpenApiOperation>> = {};
  for (const [id, operation] of Object.entries(operations)) {
    const methods = (paths[operation.path] ??= {});
    methods[operation.method.toLowerCase()] = describeOperation(id, operation, schemas);
  }
  const codes = Object.keys(STATUS) as StatusCode[];
  const used = new Set(Object.values(operations).flatMap(problemsOf));
  return {
    openapi: '3.1.0',
    info: { title: 'Rackside', version: '1', description: DESCRIPTION },
    servers: [{ url }],
    tags: TAGS.map((name) => ({ name, description: TAG_WORDS[name] })),
    paths,
    components: {
      schemas: schemas.usedBy(paths),
      examples: Object.fromEntries(
        codes.filter((code) => used.has(code)).map((code) => [code, exampleOf(code)]),
      ),
      securitySchemes: securitySchemes(sessionCookieName(url.startsWith('https:'))),
    },
  };
}

function describeOperation(
  id: string,
  operation: Operation,
  schemas: ComponentSchemas,
): OpenApiOperation {
  const { tag, summary, callers, path, query, body, form } = operation;
  const named = [...path.matchAll(/\{(\w+)\}/g)].map(
    ([, name = '']): OpenApiParameter => ({
      name,
      in: 'path',
      required: true,
      schema: { type: 'string' },
    }),
  );
  const asked = query ? queryParameters(schemas.resolve(schemas.reference(query))) : [];
  const sent = body ?? form;
  const type = body ? 'application/json' : 'application/x-www-form-urlencoded';
  return {
    operationId: id,
    tags: [tag],
    summary,
    security: unique(callers.flatMap((caller) => BRINGS[caller])),
    parameters: [...named, ...asked],
    ...(sent && {
      requestBody: {
        required: (schemas.resolve(schemas.reference(sent)).required?.length ?? 0) > 0,
        content: { [type]: { schema: schemas.reference(sent) } },
      },
    }),
    responses: { ...answers(operation, schemas), ...refusals(operation, schemas) },
  };
}

function queryParameters({ properties = {}, required = [] }: JsonSchema): OpenApiParameter[] {
  return Object.entries(properties).map(([name, { description, ...schema }]) => ({
    name,
    in: 'query',
    required: required.includes(name),
    ...(description !== undefined && { description }),
    schema,
  }));
}

function answers(operation: Operation, schemas: ComponentSchemas): Record<string, OpenApiResponse> {
  const { events } = operation;
  const described = Object.entries(operation.answers).map(([status, schema]) => {
    const content: OpenApiContent = schema
      ? { 'application/json': { schema: schemas.reference(schema) } }
      : {};
    // OpenAPI 3.1 has no words for the parts of a stream: the schema is that of each event's data.
    const stream: OpenApiContent = events
      ? { 'text/event-stream': { schema: schemas.reference(events) } }
      : {};
    const description = events
      ? 'Server-Sent Events: `event` is the `type` of its data, and `data` JSON of this schema'
      : (WORDS[status] ?? 'done');
    const headers = status === '303' && { headers: LOCATION };
    const whole = { ...content, ...stream };
    return [status, { description, ...headers, ...(schema || events ? { content: whole } : {}) }];
  });
  return Object.fromEntries(described) as Record<string, OpenApiResponse>;
}

const WORDS: Readonly<Record<string, string>> = {
  201: 'made',
  202: 'taken on',
  204: 'done; there is no body',
  303: 'go on there',
  304: 'as you know it',
  500: 'not done',
  502: 'not done',
  503: 'not now',
  504: 'not done',
};

const LOCATION = { Location: { description: 'where to', schema: { type: 'string' } } };

/** A response for each HTTP status of the operation's problems, with their codes. */
function refusals(
  operation: Operation,
  schemas: ComponentSchemas,
): Record<string, OpenApiResponse> {
  const byStatus = new Map<number, StatusCode[]>();
  for (const code of problemsOf(operation)) {
    const { http } = STATUS[code];
    byStatus.set(http, [...(byStatus.get(http) ?? []), code]);
  }
  const described = [...byStatus]
    .toSorted(([a], [b]) => a - b)
    .map(([status, codes]) => {
      const schema = { ...schemas.reference(problem), properties: { code: { enum: codes } } };
      const examples = Object.fromEntries(
        codes.map((code) => [code, { $ref: `#/components/examples/${code}` }]),
      );
      const content = { 'application/problem+json': { schema, examples } };
      return [status, { description: codes.map((code) => `\`${code}\``).join(', '), content }];
    });
  return Object.fromEntries(described) as Record<string, OpenApiResponse>;
}

function exampleOf(code: StatusCode): { value: unknown } {
  return { value: problemOf(new GatewayError(code, 'a sentence for people')) };
}

function unique<T>(items: readonly T[]): T[] {
  const seen = new Map(items.map((item) => [JSON.stringify(item), item]));
  return [...seen.values()];
}
