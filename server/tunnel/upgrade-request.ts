import { type IncomingMessage, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { GatewayError, problemOf } from '../errors.ts';
import type { OriginPolicy } from './origin-policy.ts';

export const TUNNEL_PATH = '/tunnel';

/** Sec-WebSocket-Key: 16 bytes in base64 (RFC 6455, section 4.1). */
const KEY = /^[+/0-9A-Za-z]{22}==$/;

/** How long a refused client may take to read its answer and hang up. ms */
const LINGER = 2_000;

/** What an upgrade request asks for. */
export interface TunnelRequest {
  readonly path: string;
  readonly query: URLSearchParams;
  readonly token: string;
}

/**
 * All that can be said of an upgrade request without asking anybody: the path and the token that it
 * carries, or a GatewayError.
 *
 * @param paths at which there are tunnels.
 */
export function tunnelRequestOf(
  request: IncomingMessage,
  origins: OriginPolicy,
  paths: readonly string[],
): TunnelRequest {
  const { url = '', method, headers, socket } = request;
  const mark = url.indexOf('?');
  const path = mark < 0 ? url : url.slice(0, mark);
  if (!paths.includes(path)) {
    throw new GatewayError('not_found', 'no WebSocket is served at this path');
  }
  if (method !== 'GET') {
    throw new GatewayError('method_not_allowed', 'a WebSocket is opened with GET');
  }
  if (
    headers.upgrade?.toLowerCase() !== 'websocket' ||
    headers['sec-websocket-version'] !== '13' ||
    !KEY.test(headers['sec-websocket-key'] ?? '')
  ) {
    throw new GatewayError('invalid_request', 'not an opening handshake of WebSocket version 13');
  }
  const protocols = headers['sec-websocket-protocol']?.split(',').map((name) => name.trim());
  if (!protocols?.includes('guacamole')) {
    throw new GatewayError('invalid_request', "the tunnel's subprotocol is 'guacamole'");
  }
  if (!origins.allows(headers.origin, headers, socket.remoteAddress)) {
    throw new GatewayError('origin_refused', 'this web origin may not open a tunnel');
  }
  const query = new URLSearchParams(mark < 0 ? '' : url.slice(mark + 1));
  const token = query.get('token');
  if (!token) throw new GatewayError('token_missing', 'the tunnel needs a connection token');
  return { path, query, token };
}

/** Answers a request that is not Express's with problem+json (RFC 9457) and hangs up. Idempotent. */
export function refuse(socket: Duplex, error: GatewayError): void {
  if (socket.destroyed || socket.writableEnded) return;
  const status = error.row.http;
  const body = JSON.stringify(problemOf(error));
  socket.end(
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\n` +
      'Connection: close\r\n' +
      'Cache-Control: no-store\r\n' +
      'Content-Type: application/problem+json\r\n' +
      `Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
  // Unread bytes at close make the kernel reset the connection, and the answer is lost with it.
  socket.resume();
  const timer = setTimeout(() => socket.destroy(), LINGER);
  socket.once('close', () => clearTimeout(timer));
}
