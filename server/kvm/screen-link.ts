import { once } from 'node:events';
import type { Http2Session } from 'node:http2';
import { Socket, connect, createServer } from 'node:net';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { makeOwnedDir } from '../platform/owned-dir.ts';
import type { ProgramPlace, ScreenSize } from './runner.ts';

/**
 * What a gateway and a screen that runs elsewhere say to each other: HTTP/2 over the one stream that
 * there is between them. The screen is the client, since it is the one whose programs connect.
 */
export const LINK = {
  /** The screen is there: its header fields are what it can do, the answer is its `ScreenOrder`. */
  start: '/start',
  /** Both ways: the program's channel. The screen shows as soon as this is open. */
  channel: '/channel',
  /** To the screen: a line switches the viewers' input on (1) or off (0). */
  control: '/control',
  /** One connection to the VNC server, kept in stock: it is made when the gateway answers. */
  rfb: '/rfb',
  /** One connection of the program's to the HTTP proxy. */
  proxy: '/proxy',
  /** The screen's last words, and in the field `end` why there are any. */
  end: '/end',
} as const;

/** How a screen comes to its end by itself. */
export type LinkEnd = 'ended' | 'network';

/** What a screen elsewhere is to show. */
export interface ScreenOrder {
  readonly size: ScreenSize;
  readonly command: readonly string[];
  readonly files: Readonly<Record<string, string>>;
  readonly policy: object | null;
  /**
   * What it has to make sure of before it shows: `none`: it has loopback alone; `policed`: it has a
   * network on which nobody answers, neither its name server nor what `tried` names.
   */
  readonly network: 'none' | 'policed';
  readonly tried: readonly { readonly host: string; readonly port: number }[];
}

/** Where the screens' image has what a program finds. */
export const IMAGE = { folder: '/tmp/screen', proxyPort: 3128 } as const;
export const IMAGE_PLACE: Omit<ProgramPlace, 'sandbox'> = {
  home: `${IMAGE.folder}/home`,
  proxy: `127.0.0.1:${IMAGE.proxyPort}`,
  ownNetwork: true,
};

/** Debian's own programs, under their own names. */
export function imageProgram([name]: readonly string[]): string | undefined {
  return name && `/usr/bin/${name}`;
}

/** Pictures come in bursts; what is not read holds up its own stream alone. Bytes. */
export const LINK_WINDOW = 1024 * 1024;
const PING_MS = 10_000;
/** A machine that is overrun may be late. */
const MOST_MISSES = 3;

/** Ends a link over which no answer comes any more: whatever carries it may not tell. */
export function watchLink(session: Http2Session): void {
  let misses = 0;
  const timer = setInterval(() => {
    if (misses >= MOST_MISSES) {
      session.destroy();
      return;
    }
    misses += 1;
    session.ping(() => {
      misses = 0;
    });
  }, PING_MS);
  timer.unref();
  session.once('close', () => clearInterval(timer));
}

/**
 * The same as a socket of the system's. HTTP/2 over a stream that is none ends the process where it is
 * destroyed while something is being written (nodejs/node, assertion in JSStreamSocket.doWrite).
 */
export async function asSocket(stream: Duplex): Promise<Socket> {
  if (stream instanceof Socket) return stream;
  const dir = await makeOwnedDir('link');
  try {
    const server = createServer().listen(join(dir.path, 'link'));
    await once(server, 'listening');
    const socket = connect(join(dir.path, 'link'));
    const [other] = (await once(server, 'connection')) as [Socket];
    server.close();
    void couple(other, stream);
    return socket;
  } finally {
    await dir.remove();
  }
}

/** Two streams as one connection; never rejects, and leaves none of them open. */
export async function couple(left: Duplex, right: Duplex): Promise<void> {
  await Promise.all([pipeline(left, right), pipeline(right, left)]).catch(() => undefined);
  left.destroy();
  right.destroy();
}
