import { connect } from 'node:net';
import { freePort } from '../platform/ports.ts';

/** The only address that the demo's servers listen on. */
export const LOOPBACK = '127.0.0.1';

const TAKEN = /address (is )?already in use|EADDRINUSE|unable to bind|listen_address failed/i;

/**
 * Runs `start` with a TCP port that was free a moment ago, for programs that cannot be told to
 * take any. Somebody else may take the port in between: then `start` is expected to reject with
 * the program's "address already in use", and is tried on another port, five times in all.
 */
export async function onFreePort<T>(start: (port: number) => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await start(await freePort(LOOPBACK));
    } catch (error) {
      if (attempt === 5 || !(error instanceof Error) || !TAKEN.test(error.message)) throw error;
    }
  }
}

/**
 * Connects to a loopback port and gives back what the server says first, as Latin-1 text; an
 * empty string when it closes without a word. Rejects when nobody listens, and after `timeout` ms
 * of silence.
 */
export async function greeting(port: number, timeout = 2000): Promise<string> {
  const socket = connect({ host: LOOPBACK, port, timeout });
  socket.once('timeout', () => socket.destroy(new Error(`port ${port} keeps silent`)));
  for await (const data of socket) return (data as Buffer).toString('latin1');
  return '';
}
