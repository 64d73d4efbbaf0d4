import { rm } from 'node:fs/promises';
import { type Socket, createServer } from 'node:net';
import { Duplex } from 'node:stream';
import { serveScreen } from './serve-screen.ts';

/** A gateway that has started a pod and does not come is gone. ms */
const WAIT_MS = 60_000;

/**
 * The program of the screens' image (image/Containerfile): one screen, and the end of the container.
 * Its link is standard input and output, or the first connection to the Unix socket that is named.
 */
async function main([socket]: readonly string[]): Promise<void> {
  const link = socket === undefined ? standardStreams() : await firstConnection(socket);
  process.once('SIGTERM', () => link.destroy());
  await serveScreen(link);
}

function standardStreams(): Duplex {
  return Duplex.from({ readable: process.stdin, writable: process.stdout });
}

async function firstConnection(path: string): Promise<Duplex> {
  await rm(path, { force: true });
  const server = createServer();
  const timer = setTimeout(() => process.exit(1), WAIT_MS);
  const socket = await new Promise<Socket>((resolve) => {
    server.once('connection', resolve).listen(path);
  });
  clearTimeout(timer);
  server.close();
  return socket;
}

main(process.argv.slice(2)).then(
  // Nothing that is left keeps the container.
  () => process.exit(0),
  (error: unknown) => {
    console.error(error);
    process.exit(1);
  },
);
