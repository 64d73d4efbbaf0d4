import { connect } from 'node:net';
import type { GuacdAddress } from '../consoles/tunnel-port.ts';

/** `answers`: something accepted the connection. `silent`: nothing at all came back in time. */
export type ProbeResult = 'answers' | 'refused' | 'unresolvable' | 'silent';

export type Probe = (address: GuacdAddress, timeLimit: number) => Promise<ProbeResult>;

/** One TCP (or Unix socket) connection, closed at once. `timeLimit` in milliseconds. */
export const probe: Probe = (address, timeLimit) =>
  new Promise((resolve) => {
    const socket = connect({ ...address, timeout: timeLimit });
    const settle = (result: ProbeResult): void => {
      socket.destroy();
      resolve(result);
    };
    socket.once('connect', () => settle('answers'));
    socket.once('timeout', () => settle('silent'));
    socket.on('error', (error: NodeJS.ErrnoException) => settle(resultOf(error.code)));
  });

function resultOf(code: string | undefined): ProbeResult {
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN' || code === 'EAI_FAIL') return 'unresolvable';
  return code === 'ETIMEDOUT' || code === 'EHOSTUNREACH' || code === 'ENETUNREACH'
    ? 'silent'
    : 'refused';
}
