import { type Duplex, Transform } from 'node:stream';
import { GatewayError } from '../../../errors.ts';
import { type ChildStream, openChild } from '../../../platform/child-process.ts';
import { readable } from '../../../platform/readable.ts';
import { writtenThrough } from '../../../platform/written-through.ts';
import { within } from '../../../platform/within.ts';
import { isDeclined } from '../declined.ts';
import type { Ipmitool } from '../ipmitool.ts';
import type { BmcHostConfig } from '../schema.ts';

export interface SolParts {
  /** With which its sentences begin. */
  readonly name: string;
  readonly ipmitool: Ipmitool;
  readonly baud: BmcHostConfig['sol']['baud'];
  /** Whoever has the line loses it. */
  readonly take: boolean;
}

/** Time in which a BMC opens its line. ms */
const OPENING_MS = 30_000;
/** What ipmitool says first, with the escape character behind it. */
const OPENED = Buffer.from('[SOL Session operational.');
const LINE_FEED = 0x0a;
/** In TERMINAL. */
const ESCAPE = 0xff;
/** ipmitool's words before a session that there is not. Bytes */
const MOST_BEFORE = 4096;

/**
 * ipmitool on a terminal of its own, which it insists on. The connection stands in the environment,
 * since socat and the shell each have quotes of their own. The escape character is a byte that no text
 * in UTF-8 has, and it is kept out of what is typed.
 */
const TERMINAL = String.raw`SYSTEM:exec ipmitool -I lanplus -C \"$SOL_CIPHER\" -L \"$SOL_LEVEL\" -H \"$SOL_HOST\" -p \"$SOL_PORT\" -U \"$SOL_USER\" -E -e \"$(printf \\\\377)\" sol activate,pty,setsid,ctty,rawer`;

/**
 * The server's serial line over LAN. ipmitool says the same of a line that somebody has taken as of a BMC
 * that has gone away; whoever opens it again sees which by not taking it. Nothing of it outlives this
 * process: socat ends with its standard input, and the terminal that it has given ipmitool ends with socat.
 *
 * @throws GatewayError `provider_refused`, `bmc_unavailable`, `bmc_slots_full`, and `console_held` where somebody has
 * it that is not taken.
 */
export async function openSol(parts: SolParts, signal: AbortSignal): Promise<Duplex> {
  const { ipmitool, baud, take } = parts;
  if (take) await deactivate(ipmitool, signal);
  if (baud) {
    const rate = (baud / 1000).toFixed(1);
    await ipmitool.run(['sol', 'set', 'volatile-bit-rate', rate], signal);
  }
  const child = await startTerminal(parts);
  try {
    await opened(parts, child, within(OPENING_MS, signal));
  } catch (error) {
    await child.stop();
    throw error;
  }
  void child.exited.then(() => child.stream.destroy());
  return withoutEscape(child.stream);
}

/** Typed or pasted, the escape character does not get to ipmitool. */
function withoutEscape(stream: Duplex): Duplex {
  const typing = new Transform({
    transform: (chunk: Buffer, _encoding, done) =>
      done(null, chunk.includes(ESCAPE) ? chunk.filter((byte) => byte !== ESCAPE) : chunk),
  });
  return writtenThrough(stream, typing);
}

/** Ends the line at the BMC, whoever has it. One that nobody has is no error. */
export async function deactivate(ipmitool: Ipmitool, signal?: AbortSignal): Promise<void> {
  await ipmitool.run(['sol', 'deactivate'], signal).catch((error: unknown) => {
    if (!isDeclined(error)) throw error;
  });
}

async function startTerminal({ name, ipmitool }: SolParts): Promise<ChildStream> {
  try {
    const env = { ...ipmitool.environment, ...ipmitool.named('SOL') };
    return await openChild({ name: 'sol', command: 'socat', args: ['-', TERMINAL], env });
  } catch (cause) {
    const message = `${name} needs the program socat, which is not installed`;
    throw new GatewayError('bmc_unavailable', message, { cause });
  }
}

/** Reads up to where the line itself begins. */
async function opened(parts: SolParts, child: ChildStream, signal: AbortSignal): Promise<void> {
  const { stream } = child;
  let said = Buffer.alloc(0);
  for (;;) {
    const begin = said.indexOf(OPENED);
    const end = begin < 0 ? -1 : said.indexOf(LINE_FEED, begin);
    if (end >= 0) {
      if (end + 1 < said.length) stream.unshift(said.subarray(end + 1));
      return;
    }
    const chunk = stream.read() as Buffer | null;
    if (chunk) said = Buffer.concat([said, chunk]);
    else if (stream.readableEnded || stream.destroyed || said.length > MOST_BEFORE) {
      if (signal.aborted) {
        const message = `${parts.name} does not open its serial line in time`;
        throw new GatewayError('bmc_unavailable', message);
      }
      // Only then has it printed all of its errors.
      await child.stop();
      throw refusalOf(parts, `${said.toString('latin1')}\n${child.output()}`);
    } else await readable(stream, signal);
  }
}

function refusalOf({ name, ipmitool }: SolParts, printed: string): GatewayError {
  if (/already active/i.test(printed)) {
    return new GatewayError('console_held', `${name}: its serial line is held by somebody else`);
  }
  if (/disabled|not (currently )?supported/i.test(printed)) {
    const message = `${name} has serial over LAN switched off`;
    return new GatewayError('console_kind_unavailable', message);
  }
  return ipmitool.fault(printed, null);
}
