import { connect } from 'node:net';
import type { GuacdAddress } from '../consoles/tunnel-port.ts';
import { decode, encode } from './instruction.ts';
import { InstructionScanner } from './instruction-scanner.ts';

/**
 * What a guacd said to `select`.
 * - `speaks`: it has this protocol; `version` is the Guacamole protocol's, as `args` announces it.
 * - `silent`: it took the connection and answered nothing in time; guacd does so for a protocol
 *   without a plugin.
 * - `closed`: it took the connection and ended it.
 * - `unreachable`: it took no connection; `reason` is the system's code.
 * - `foreign`: something that is no guacd answered.
 */
export type GuacdAnswer =
  | { readonly is: 'speaks'; readonly version: string }
  | { readonly is: 'silent' | 'closed' | 'foreign' }
  | { readonly is: 'unreachable'; readonly reason: string };

const LONGEST_ARGS = 65_536;

/** The first half of a handshake with a real guacd, up to `args`. Never throws; ms. */
export function askGuacd(
  address: GuacdAddress,
  protocol: string,
  timeLimit = 4000,
): Promise<GuacdAnswer> {
  return new Promise((resolve) => {
    const socket = connect(address);
    const scanner = new InstructionScanner(LONGEST_ARGS, 'all');
    let connected = false;
    let received = Buffer.alloc(0);
    const settle = (answer: GuacdAnswer): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve(answer);
    };
    const timer = setTimeout(
      () => settle(connected ? { is: 'silent' } : { is: 'unreachable', reason: 'ETIMEDOUT' }),
      timeLimit,
    );
    socket.once('connect', () => {
      connected = true;
      socket.write(encode(['select', protocol]));
    });
    socket.on('data', (chunk: Buffer) => {
      const before = received.length;
      received = Buffer.concat([received, chunk]);
      scanner.feed(chunk);
      const whole = scanner.advance();
      if (scanner.failure !== null) settle({ is: 'foreign' });
      if (!whole) return;
      const [opcode, ...args] = decode(received.subarray(0, before + scanner.position));
      settle(opcode === 'args' ? { is: 'speaks', version: versionOf(args) } : { is: 'foreign' });
    });
    socket.once('error', (error: NodeJS.ErrnoException) =>
      settle(
        connected ? { is: 'closed' } : { is: 'unreachable', reason: error.code ?? error.message },
      ),
    );
    socket.once('close', () => settle({ is: 'closed' }));
  });
}

/** `VERSION_1_3_0` → `1.3.0`; guacd announces it since 1.1.0. */
function versionOf(args: readonly string[]): string {
  const announced = args.find((name) => name.startsWith('VERSION_'));
  return announced?.slice('VERSION_'.length).replaceAll('_', '.') ?? '1.0.0';
}
