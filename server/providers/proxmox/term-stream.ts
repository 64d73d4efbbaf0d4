import { Duplex, Transform, type TransformCallback } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { GatewayError } from '../../errors.ts';
import { readExactly } from '../../platform/readable.ts';
import type { TerminalTarget } from '../provider-context.ts';

/** termproxy forgets who says nothing; its own page says it as often. ms */
const PING_MS = 30_000;
const ACCEPTED = 'OK';

/** What is typed, as termproxy takes it: `0:<bytes>:<data>`, `1:<columns>:<rows>:`, and `2` to be there. */
class TermproxyInput extends Transform {
  readonly #pinging = setInterval(() => this.push('2'), PING_MS);

  resize(columns: number, rows: number): void {
    if (!this.destroyed && !this.writableEnded) this.push(`1:${columns}:${rows}:`);
  }

  override _transform(chunk: Buffer, _encoding: string, done: TransformCallback): void {
    done(null, Buffer.concat([Buffer.from(`0:${chunk.length}:`), chunk]));
  }

  override _flush(done: TransformCallback): void {
    clearInterval(this.#pinging);
    done();
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    clearInterval(this.#pinging);
    done(error);
  }
}

interface TermproxyAccount {
  /** With which sentences about it begin. */
  readonly name: string;
  readonly user: string;
  readonly ticket: string;
}

/**
 * Signs in at a termproxy, and makes a plain terminal of it.
 *
 * @param socket the stream inside its WebSocket; destroyed where the sign-in fails.
 * @throws GatewayError `target_credentials_refused` when it hangs up, or says something else than OK,
 * `target_lost` when its connection breaks, `target_unreachable` when nobody waits any more.
 */
export async function enterTermproxy(
  socket: Duplex,
  { name, user, ticket }: TermproxyAccount,
  signal: AbortSignal,
): Promise<TerminalTarget> {
  const giveUp = (): void => void socket.destroy();
  socket.on('error', giveUp);
  signal.addEventListener('abort', giveUp);
  try {
    if (signal.aborted) giveUp();
    socket.write(`${user}:${ticket}\n`);
    await accepted(name, socket, signal);
  } catch (error) {
    socket.destroy();
    throw error;
  } finally {
    signal.removeEventListener('abort', giveUp);
  }
  const input = new TermproxyInput();
  // The reading half tells whoever reads how it ended.
  pipeline(input, socket).catch(() => undefined);
  const stream = Duplex.from({ readable: socket, writable: input });
  stream.on('error', () => input.destroy());
  return { stream, resize: ({ columns, rows }) => input.resize(columns, rows) };
}

async function accepted(name: string, socket: Duplex, signal: AbortSignal): Promise<void> {
  const answer = await readExactly(socket, ACCEPTED.length);
  if (answer?.toString('latin1') === ACCEPTED) return;
  if (signal.aborted) {
    throw new GatewayError('target_unreachable', `${name}: its terminal does not answer in time`);
  }
  if (socket.errored) {
    const lost = `${name}: the connection to its terminal has broken`;
    throw new GatewayError('target_lost', lost, { cause: socket.errored });
  }
  const message = `${name}: its terminal does not accept the ticket that was just given for it`;
  throw new GatewayError('target_credentials_refused', message);
}
