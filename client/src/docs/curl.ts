import type {
  OpenApiContent,
  OpenApiDocument,
  OpenApiOperation,
} from '../../../server/contract/index.ts';
import { sampleOf } from './sample.ts';

/**
 * The call as a command for a POSIX shell. `$TOKEN` is an API token or a console's bearer; a path's
 * parameters are variables too, such as `$ID`.
 */
export function curlOf(
  { servers, components }: OpenApiDocument,
  path: string,
  method: string,
  operation: OpenApiOperation,
): string {
  const required = operation.parameters.filter((one) => one.in === 'query' && one.required);
  const query = required.map(({ name }) => `${name}=$${name.toUpperCase()}`).join('&');
  const named = path.replaceAll(/\{(\w+)\}/g, (_, name: string) => `$${name.toUpperCase()}`);
  const url = `"${servers[0]?.url ?? ''}${named}${query && `?${query}`}"`;
  const [type, sent] = Object.entries(operation.requestBody?.content ?? {})[0] ?? [];
  const plain = type === undefined && method === 'get';
  const post = type !== undefined && method === 'post';
  const streams = Object.values(operation.responses).some(({ content }) => isStream(content));
  const parts = [
    [
      'curl',
      ...(plain || post ? [] : [`-X ${method.toUpperCase()}`]),
      ...(streams ? ['-N'] : []),
      url,
    ],
    ...credentials(operation),
    ...(sent ? body(type ?? '', sampleOf(sent.schema, components.schemas)) : []),
  ];
  return parts.map((part) => part.join(' ')).join(' \\\n  ');
}

function credentials({ operationId, security }: OpenApiOperation): string[][] {
  if (operationId === 'login') return [['-c cookies.txt']];
  const ways = security.flatMap((way) => Object.keys(way));
  if (ways.length === 0) return [];
  const bearer = ways.some((way) => way !== 'session');
  return [[bearer ? '-H "Authorization: Bearer $TOKEN"' : '-b cookies.txt']];
}

function body(type: string, value: unknown): string[][] {
  if (type !== 'application/json') {
    return Object.entries(value as Record<string, string>).map(([name, of]) => [
      `--data-urlencode ${of.startsWith('$') ? `"${name}=${of}"` : quoted(`${name}=${of}`)}`,
    ]);
  }
  return [['-H "Content-Type: application/json"'], [`-d ${quoted(JSON.stringify(value))}`]];
}

function isStream(content: OpenApiContent = {}): boolean {
  return 'text/event-stream' in content;
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
