import { connect } from 'node:net';
import type { GuacdAddress } from '../consoles/tunnel-port.ts';

/**
 * `answers`: something accepted the connection, and greeted as it should. `mute`: it accepted, and
 * did not greet. `silent`: nothing at all came back in time.
 */
export type ProbeResult = 'answers' | 'mute' | 'refused' | 'unresolvable' | 'silent';

export type Probe = (
  address: GuacdAddress,
  timeLimit: number,
  greeting?: string,
) => Promise<ProbeResult>;

/**
 * One TCP (or Unix socket) connection, closed at once; with a `greeting`, as soon as the first bytes
 * show whether it is that one. `timeLimit` in milliseconds.
 */
export const probe: Probe = (address, timeLimit, greeting = '') =>
  new Promise((resolve) => {
    const socket = connect({ ...address });
    let accepted = false;
    let heard = '';
    const settle = (result: ProbeResult): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve(result);
    };
    const timer = setTimeout(() => settle(accepted ? 'mute' : 'silent'), timeLimit);
    const listen = (): void => {
      if (heard.length < greeting.length) return;
      settle(heard.startsWith(greeting) ? 'answers' : 'mute');
    };
    socket.setEncoding('latin1');
    socket.once('connect', () => {
      accepted = true;
      listen();
    });
    socket.on('data', (text: string) => {
      heard += text;
      listen();
    });
    socket.once('end', () => settle('mute'));
    socket.on('error', (error: NodeJS.ErrnoException) =>
      settle(accepted ? 'mute' : resultOf(error.code)),
    );
  });

function resultOf(code: string | undefined): ProbeResult {
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN' || code === 'EAI_FAIL') return 'unresolvable';
  return code === 'ETIMEDOUT' || code === 'EHOSTUNREACH' || code === 'ENETUNREACH'
    ? 'silent'
    : 'refused';
}
