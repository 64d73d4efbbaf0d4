import { randomBytes, timingSafeEqual } from 'node:crypto';
import type { Socket } from 'node:net';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { GatewayError } from '../errors.ts';
import { readable } from '../platform/readable.ts';
import type { BridgeRequest, TerminalTarget } from '../providers/provider-context.ts';
import { LoopbackBridge } from './loopback-bridge.ts';
import { OPENING, TelnetInput, TelnetOutput } from './telnet-wire.ts';

export interface TerminalBridgeOptions extends BridgeRequest<TerminalTarget> {
  /** Address to listen on, where guacd comes to. */
  readonly host: string;
}

/** What guacd is told of a bridge. */
export interface TerminalBridge {
  readonly host: string;
  readonly port: number;
  /** With which guacd comes in, at what `passwordRegex` finds. */
  readonly password: string;
  readonly passwordRegex: string;
  /** Ends every connection. Idempotent. */
  close(): void;
}

/** Asks for the password and is not seen: it only says that no character is bold. */
const PROMPT = '\u001B[0m';
const PROMPT_REGEX = String.raw`\[0m$`;
/** Bytes before the password's Return; a user may have typed before guacd does. */
const MOST_BEFORE = 256;

/**
 * A telnet server on loopback in front of a terminal that is only a stream of bytes: one over a
 * WebSocket, a serial line that a program has open. guacd draws it and types into it.
 *
 * @throws GatewayError for a machine that cannot be reached.
 */
export async function openTerminalBridge(options: TerminalBridgeOptions): Promise<TerminalBridge> {
  const { host, onFault, signal, reach, reachMs } = options;
  const password = randomBytes(18).toString('base64url');
  const bridge = await LoopbackBridge.open<TerminalTarget>({
    ...{ host, onFault, signal, reachMs },
    enter: (limit) => enter(reach, limit),
    async admit(guacd) {
      const input = new TelnetInput();
      // However it ends, `carry` sees it.
      pipeline(guacd, input).catch(() => undefined);
      guacd.write(Buffer.concat([OPENING, Buffer.from(PROMPT)]));
      await expectPassword(input, password);
      return (machine) => carry({ guacd, input }, machine);
    },
  });
  return {
    ...{ host: bridge.host, port: bridge.port, password, passwordRegex: PROMPT_REGEX },
    close: () => bridge.close(),
  };
}

async function enter(
  reach: TerminalBridgeOptions['reach'],
  signal: AbortSignal,
): Promise<TerminalTarget> {
  const target = await reach(signal);
  // Its first listener: an error before guacd is there would end the process.
  target.stream.on('error', () => target.stream.destroy());
  if (signal.aborted) target.stream.destroy();
  signal.throwIfAborted();
  return target;
}

/** @throws GatewayError `target_refused` for a wrong one, `target_lost` when nobody says one. */
async function expectPassword(input: Readable, password: string): Promise<void> {
  let said = Buffer.alloc(0);
  for (;;) {
    const end = said.indexOf('\r');
    if (end >= 0) {
      const rest = said.subarray(end + 1);
      if (!isPassword(said.subarray(0, end), password)) break;
      if (rest.length > 0) input.unshift(rest);
      return;
    }
    if (said.length > MOST_BEFORE) break;
    said = Buffer.concat([said, await nextChunk(input)]);
  }
  throw new GatewayError('target_refused', 'somebody else than guacd came to the bridge');
}

/** It ends with the password. */
function isPassword(said: Buffer, password: string): boolean {
  const expected = Buffer.from(password);
  const last = said.subarray(-expected.length);
  return last.length === expected.length && timingSafeEqual(last, expected);
}

async function nextChunk(input: Readable): Promise<Buffer> {
  for (;;) {
    const chunk = input.read() as Buffer | null;
    if (chunk) return chunk;
    if (input.readableEnded || input.destroyed) {
      throw new GatewayError('target_lost', 'guacd left the bridge before it said its password');
    }
    await readable(input);
  }
}

/** @throws GatewayError `target_lost` where the machine's side broke, which guacd cannot tell from an end. */
async function carry(
  { guacd, input }: { readonly guacd: Socket; readonly input: TelnetInput },
  { stream, resize }: TerminalTarget,
): Promise<void> {
  let left = false;
  let broken: Error | undefined;
  guacd.once('close', () => {
    left = true;
  });
  stream.once('error', (cause) => {
    if (!left) broken = cause;
  });
  if (resize) input.onSize = resize;
  await Promise.race([pipeline(input, stream), pipeline(stream, new TelnetOutput(), guacd)]).catch(
    () => undefined,
  );
  if (!broken) return;
  throw new GatewayError('target_lost', 'the connection to the terminal broke', { cause: broken });
}
