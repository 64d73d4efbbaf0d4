import { connect } from 'node:net';
import type { Answer } from './problem.ts';

/** A WebSocket's opening handshake, as a browser sends it; a header of `null` is left out. */
export interface UpgradeRequest {
  readonly path: string;
  readonly headers?: Readonly<Record<string, string | null>>;
}

/**
 * Sends an upgrade request byte for byte as given and reads the answer: `101` for an upgrade that
 * was accepted, which is then cut.
 */
export async function upgrade(gateway: string, { path, headers }: UpgradeRequest): Promise<Answer> {
  const { host } = new URL(gateway);
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
  return send(gateway, request);
}

/** Sends these bytes and reads until the gateway hangs up. */
export async function send(gateway: string, request: string): Promise<Answer> {
  const { hostname, port } = new URL(gateway);
  const socket = connect({ host: hostname, port: Number(port), noDelay: true });
  let text = '';
  socket.on('error', () => undefined);
  socket.on('data', (chunk) => {
    text += chunk.toString('latin1');
    if (text.startsWith('HTTP/1.1 101')) socket.destroy();
  });
  socket.write(request, 'latin1');
  await new Promise((resolve) => socket.once('close', resolve));
  const [head = '', body = ''] = text.split('\r\n\r\n', 2);
  return {
    status: Number(/^HTTP\/1\.1 (\d{3})/.exec(head)?.[1] ?? 0),
    type: /^content-type: (.*)$/im.exec(head)?.[1]?.trim(),
    body,
  };
}
