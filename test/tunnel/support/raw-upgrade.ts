import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

export interface RawAnswer {
  readonly status: number;
  readonly head: string;
  readonly body: string;
}

/** The opening handshake of a WebSocket as bytes, headers as given; null leaves one out. */
export function upgradeRequest(
  target: string,
  headers: Readonly<Record<string, string | null>> = {},
  method = 'GET',
): string {
  const all = {
    Host: 'gateway.example',
    Connection: 'Upgrade',
    Upgrade: 'websocket',
    'Sec-WebSocket-Version': '13',
    'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==',
    'Sec-WebSocket-Protocol': 'guacamole',
    ...headers,
  };
  const lines = Object.entries(all).flatMap(([name, value]) =>
    value === null ? [] : [`${name}: ${value}`],
  );
  return `${[`${method} ${target} HTTP/1.1`, ...lines].join('\r\n')}\r\n\r\n`;
}

/** Sends bytes and reads the answer: to its end, or a 101 to the end of its head. */
export async function sendRaw(port: number, request: string): Promise<RawAnswer> {
  const socket = connect({ port, host: '127.0.0.1' });
  try {
    socket.on('error', () => {});
    socket.write(request);
    return await readAnswer(socket);
  } finally {
    socket.destroy();
  }
}

async function readAnswer(socket: Socket): Promise<RawAnswer> {
  let text = '';
  const end = once(socket, 'close');
  await new Promise<void>((resolve) => {
    socket.on('data', (chunk: Buffer) => {
      text += chunk.toString('latin1');
      if (text.startsWith('HTTP/1.1 101') && text.includes('\r\n\r\n')) resolve();
    });
    void end.then(() => resolve());
  });
  const split = text.indexOf('\r\n\r\n');
  return {
    status: Number(/^HTTP\/1\.1 (\d+)/.exec(text)?.[1] ?? 0),
    head: text.slice(0, split),
    body: Buffer.from(text.slice(split + 4), 'latin1').toString(),
  };
}
