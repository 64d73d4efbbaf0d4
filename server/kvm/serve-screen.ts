import { type ClientHttp2Session, type ClientHttp2Stream, connect } from 'node:http2';
import { once } from 'node:events';
import { connect as connectSocket, createServer } from 'node:net';
import { getServers } from 'node:dns';
import { networkInterfaces } from 'node:os';
import { createInterface } from 'node:readline';
import type { Duplex } from 'node:stream';
import { text } from 'node:stream/consumers';
import { startChild } from '../platform/child-process.ts';
import { Disposer } from '../platform/disposer.ts';
import { tryCapabilities } from './local/isolation.ts';
import { launch, launcherEnvironment } from './local/launcher.ts';
import { LocalScreen } from './local/local-screen.ts';
import { makeScreenFolder } from './local/screen-folder.ts';
import type { ProgramPlace } from './runner.ts';
import {
  IMAGE,
  IMAGE_PLACE,
  LINK,
  LINK_WINDOW,
  type LinkEnd,
  type ScreenOrder,
  asSocket,
  couple,
  watchLink,
} from './screen-link.ts';

/** For an answer of somebody on a network that should have nobody. ms */
const TRY_MS = 1500;
const DNS_PORT = 53;
/** What is said on standard error is the container's. */
const LOG = { error: (...about: unknown[]): void => console.error(...about) };

/** Runs one screen as the gateway at the other end of the link orders it; resolves when it has ended. */
export async function serveScreen(link: Duplex): Promise<void> {
  const socket = await asSocket(link);
  const session = connect('http://gateway', {
    createConnection: () => socket,
    settings: { initialWindowSize: LINK_WINDOW, enablePush: false },
  });
  session.on('error', () => undefined);
  const closed = new Promise<void>((resolve) => session.once('close', () => resolve()));
  watchLink(session);
  const remains = new Disposer(LOG);
  const given = new AbortController();
  void closed.then(() => given.abort());
  try {
    const { sandbox } = await tryCapabilities([], undefined);
    const order = await ask(session, sandbox);
    const place = { ...IMAGE_PLACE, sandbox };
    const [screen] = await Promise.all([
      start(order, { session, place, remains, signal: given.signal }),
      alone(order),
    ]);
    show(screen, session);
    const words = await Promise.race([screen.ended, closed.then(() => '')]);
    await screen.stop();
    await tell(session, 'ended', words);
  } catch (error) {
    const { message } = error as Error;
    await tell(session, error instanceof NetworkError ? 'network' : 'ended', message);
  } finally {
    await remains.dispose();
    session.destroy();
    await closed;
  }
}

class NetworkError extends Error {}

async function ask(session: ClientHttp2Session, sandbox: boolean): Promise<ScreenOrder> {
  const stream = open(session, LINK.start, { sandbox: sandbox ? '1' : '0' });
  stream.end();
  return JSON.parse(await text(stream)) as ScreenOrder;
}

async function start(
  { size, command, files, policy }: ScreenOrder,
  {
    session,
    place,
    remains,
    signal,
  }: {
    readonly session: ClientHttp2Session;
    readonly place: ProgramPlace;
    readonly remains: Disposer;
    readonly signal: AbortSignal;
  },
): Promise<LocalScreen> {
  const program = { command: () => command, files, ...(policy && { policy }) };
  const uid = process.getuid?.() ?? 0;
  const folder = await makeScreenFolder({ path: IMAGE.folder, uid, program });
  remains.defer('folder', () => folder.remove());
  const proxy = createServer((socket) => void couple(socket, open(session, LINK.proxy)));
  proxy.listen(folder.proxySocket);
  remains.defer('proxy', () => proxy.close());
  await once(proxy, 'listening');
  const [first = '', ...args] = launch(command);
  const env = launcherEnvironment({
    ...{ folder: folder.path, home: folder.home, size, contained: true },
    ...{ proxySocket: folder.proxySocket, relayPort: IMAGE.proxyPort },
  });
  const child = await startChild({ name: 'screen', command: first, args, env, pipes: 3 });
  const screen = new LocalScreen({
    ...{ child, rfbSocket: folder.rfbSocket, remains: new Disposer(LOG), place },
    // Where its proxy leads is the gateway's to say.
    allowPorts: () => undefined,
  });
  remains.defer('screen', () => screen.stop());
  await screen.becomesReady(signal);
  return screen;
}

function show(screen: LocalScreen, session: ClientHttp2Session): void {
  stock(screen, session);
  const control = open(session, LINK.control);
  createInterface(control).on('line', (line) => screen.acceptInput(line === '1'));
  const { input, output } = screen.channel;
  const channel = open(session, LINK.channel);
  channel.pipe(input);
  output.pipe(channel);
  // Either end of it is the end of both.
  channel.once('close', () => {
    input.destroy();
    output.destroy();
  });
}

/** One connection to the VNC server is always ready to be made. */
function stock(screen: LocalScreen, session: ClientHttp2Session): void {
  const stream = open(session, LINK.rfb);
  stream.once('response', () => {
    stock(screen, session);
    screen.reach().then(
      (socket) => couple(stream, socket),
      () => stream.destroy(),
    );
  });
}

/** @throws NetworkError where somebody can be reached. */
async function alone({ network, tried }: ScreenOrder): Promise<void> {
  const addresses = Object.values(networkInterfaces()).flatMap((all) => all ?? []);
  const others = addresses.filter(({ internal }) => !internal).map(({ address }) => address);
  if (network === 'none') {
    if (others.length === 0) return;
    throw new NetworkError(`the screen has a network (${others.join(', ')}) and may have none`);
  }
  const names = getServers().map((host) => ({
    host: host.replace(/^\[(.*)\].*$/, '$1'),
    port: DNS_PORT,
  }));
  const reached = await Promise.all([...tried, ...names].map(answers));
  const found = reached.find((address) => address !== null);
  if (!found) return;
  throw new NetworkError(
    `the screen reaches ${found} and may reach nobody: is there a network policy?`,
  );
}

/** `host:port` where a connection is accepted. A refusal may be the network policy's own. */
async function answers({ host, port }: { host: string; port: number }): Promise<string | null> {
  const socket = connectSocket({ host, port, timeout: TRY_MS });
  const found = await new Promise<boolean>((resolve) => {
    socket.once('connect', () => resolve(true));
    socket.once('timeout', () => resolve(false));
    socket.once('error', () => resolve(false));
  });
  socket.destroy();
  return found ? `${host}:${port}` : null;
}

async function tell(session: ClientHttp2Session, end: LinkEnd, words: string): Promise<void> {
  if (session.closed || session.destroyed) return;
  const stream = open(session, LINK.end, { end });
  stream.end(words);
  stream.resume();
  await new Promise((resolve) => stream.once('close', resolve));
}

function open(
  session: ClientHttp2Session,
  path: string,
  fields: Readonly<Record<string, string>> = {},
): ClientHttp2Stream {
  const stream = session.request(
    { ':method': 'POST', ':path': path, ...fields },
    { endStream: false },
  );
  stream.on('error', () => undefined);
  return stream;
}
