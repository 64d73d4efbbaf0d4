import { request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import type { LookupFunction } from 'node:net';

export interface PostOptions {
  readonly headers: Readonly<Record<string, string>>;
  /** JSON */
  readonly body: string;
  readonly lookup: LookupFunction;
  /** Ends the call, whatever it is at. */
  readonly signal: AbortSignal;
}

/** Bytes of an answer that are read, so that whoever writes it is not cut off; nobody looks at them. */
const MAX_ANSWER = 65_536;

/**
 * POSTs JSON over a connection of its own and resolves to the answer's status. Follows no
 * redirection.
 *
 * @throws Error when there is no answer.
 */
export function post(url: URL, { headers, body, lookup, signal }: PostOptions): Promise<number> {
  return new Promise((resolve, reject) => {
    const request = (url.protocol === 'https:' ? requestHttps : requestHttp)(url, {
      method: 'POST',
      agent: false,
      lookup,
      signal,
      headers: {
        'content-type': 'application/json',
        'content-length': Buffer.byteLength(body),
        'user-agent': 'rackside',
        ...headers,
      },
    });
    request.on('error', reject);
    request.on('response', (response) => {
      let read = 0;
      response.on('error', () => undefined);
      response.on('data', (chunk: Buffer) => {
        read += chunk.length;
        if (read > MAX_ANSWER) response.destroy();
      });
      resolve(response.statusCode ?? 0);
    });
    request.end(body);
  });
}
