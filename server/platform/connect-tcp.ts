import { type Socket, connect } from 'node:net';
import { GatewayError } from '../errors.ts';

export interface TcpPlace {
  /** Name or literal address. */
  readonly host: string;
  readonly port: number;
  readonly signal: AbortSignal;
}

/**
 * A connection to a machine's own port.
 *
 * @throws GatewayError `target_unreachable`, with why and where.
 */
export async function connectTcp({ host, port, signal }: TcpPlace): Promise<Socket> {
  const socket = connect({ host, port });
  const giveUp = (): void => void socket.destroy(new Error('nobody waits any more'));
  signal.addEventListener('abort', giveUp);
  try {
    signal.throwIfAborted();
    await new Promise<void>((resolve, reject) => {
      socket.once('connect', resolve);
      socket.once('error', reject);
      socket.once('close', () => reject(new Error('closed')));
    });
    socket.setNoDelay(true);
    return socket;
  } catch (cause) {
    socket.destroy();
    const { code } = cause as NodeJS.ErrnoException;
    const why = code === 'ENOTFOUND' ? 'its name does not resolve' : (code ?? 'no answer in time');
    const message = `${host} cannot be reached at port ${port}: ${why}`;
    throw new GatewayError('target_unreachable', message, { cause });
  } finally {
    signal.removeEventListener('abort', giveUp);
  }
}
