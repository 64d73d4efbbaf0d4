import { type AddressInfo, type Server, type Socket, connect } from 'node:net';
import type { GuacdAddress } from '../consoles/tunnel-port.ts';
import { handshakeReply } from './handshake.ts';
import { decode, encode } from './instruction.ts';
import { InstructionScanner } from './instruction-scanner.ts';

/**
 * What a guacd said to `select`.
 * - `speaks`: it has this protocol; `version` is the Guacamole protocol's, as `args` announces it.
 * - `silent`: it took the connection and answered nothing in time.
 * - `closed`: it took the connection and ended it.
 * - `unreachable`: it took no connection; `reason` is the system's code.
 * - `foreign`: something that is no guacd answered.
 *
 * For a protocol without a plugin guacd is `silent` or `closed`: it starts a process, which ends at once,
 * and hands it the connection, which is ended where that process was quicker (src/guacd/proc.c and
 * connection.c of guacd 1.3.0).
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
    let connected = false;
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
    onFirstInstruction(socket, (instruction) => {
      const [opcode, ...args] = instruction ?? [];
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

const LOOKING = {
  display: { width: 640, height: 480, dpi: 96 },
  ...{ readOnly: true, timezone: null, user: 'rackside doctor' },
} as const;

/**
 * Whether this guacd connects to where `server` listens, by a VNC handshake with it; `mute` where it
 * gets no further than that. Never throws; ms.
 */
export function guacdReaches(
  address: GuacdAddress,
  { host, server }: { readonly host: string; readonly server: Server },
  timeLimit = 15_000,
): Promise<'reaches' | 'fails' | 'mute'> {
  return new Promise((resolve) => {
    const { port } = server.address() as AddressInfo;
    const socket = connect(address);
    let told = false;
    const settle = (answer: 'reaches' | 'fails' | 'mute'): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve(answer);
    };
    const fail = (): void => settle(told ? 'fails' : 'mute');
    const timer = setTimeout(fail, timeLimit);
    server.once('connection', (visitor) => {
      visitor.destroy();
      settle('reaches');
    });
    socket.once('connect', () => socket.write(encode(['select', 'vnc'])));
    onFirstInstruction(socket, (instruction) => {
      if (instruction?.[0] !== 'args') return fail();
      told = true;
      const parameters = { hostname: host, port: String(port) };
      socket.write(handshakeReply({ ...LOOKING, parameters }, instruction.slice(1)));
      socket.on('data', (chunk) => String(chunk).includes('5.error,') && fail());
    });
    socket.once('error', fail);
    socket.once('close', fail);
  });
}

/** Told once: null where what came is none. */
function onFirstInstruction(
  socket: Socket,
  tell: (instruction: readonly string[] | null) => void,
): void {
  const scanner = new InstructionScanner(LONGEST_ARGS, 'all');
  let received = Buffer.alloc(0);
  const listen = (chunk: Buffer): void => {
    const before = received.length;
    received = Buffer.concat([received, chunk]);
    scanner.feed(chunk);
    const whole = scanner.advance();
    if (!whole && scanner.failure === null) return;
    socket.off('data', listen);
    socket.resume();
    tell(whole ? decode(received.subarray(0, before + scanner.position)) : null);
  };
  socket.on('data', listen);
}

/** `VERSION_1_3_0` → `1.3.0`; guacd announces it since 1.1.0. */
function versionOf(args: readonly string[]): string {
  const announced = args.find((name) => name.startsWith('VERSION_'));
  return announced?.slice('VERSION_'.length).replaceAll('_', '.') ?? '1.0.0';
}
