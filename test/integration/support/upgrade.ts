import { once } from 'node:events';
import { connect } from 'node:net';
import type { Answer } from './problem.ts';

/** A WebSocket's opening handshake, as a browser sends it; a header of `null` is left out. */
export interface UpgradeRequest {
  readonly path: string;
  readonly headers?: Readonly<Record<string, string | null>>;
}

const CHUNK = 16 * 1024;

/**
 * Sends an upgrade request byte for byte as given and reads the answer. The sending ends with the
 * answer's first byte: who refuses 1 MB need not read it. `101` for an upgrade that was accepted,
 * which is then cut.
 */
export async function upgrade(gateway: string, { path, headers }: UpgradeRequest): Promise<Answer> {
  const { hostname, port, host } = new URL(gateway);
  const all: Record<string, string | null> = {
    Host: host,
    Connection: 'Upgrade',
    Upgrade: 'websocket',
    'Sec-WebSocket-Version': '13',
    'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==',
    'Sec-WebSocket-Protocol': 'guacamole',
    ...headers,
  };
  const lines = Object.entries(all).flatMap(([k, value]) =>
    value === null ? [] : `${k}: ${value}`,
  );
  const request = `GET ${path} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`;

  const socket = connect({ host: hostname, port: Number(port), noDelay: true });
  let text = '';
  let over = false;
  socket.on('error', () => undefined);
  // Refused in the middle of what it sends, the client may see a reset after the answer.
  const closed = new Promise<void>((resolve) => {
    socket.once('close', () => {
      over = true;
      resolve();
    });
  });
  socket.on('data', (chunk) => {
    text += chunk.toString('latin1');
    if (text.startsWith('HTTP/1.1 101')) socket.destroy();
  });
  await once(socket, 'connect');
  for (let at = 0; at < request.length && text === '' && !over; at += CHUNK) {
    socket.write(request.slice(at, at + CHUNK), 'latin1');
    await new Promise((resolve) => setImmediate(resolve));
  }
  await closed;
  const [head = '', body = ''] = text.split('\r\n\r\n', 2);
  return {
    status: Number(/^HTTP\/1\.1 (\d{3})/.exec(head)?.[1] ?? 0),
    type: /^content-type: (.*)$/im.exec(head)?.[1]?.trim(),
    body,
  };
}
