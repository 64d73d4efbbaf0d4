import type { Duplex } from 'node:stream';
import { GatewayError } from '../errors.ts';
import { startTls } from '../platform/tls-trust.ts';
import type { RfbTarget } from '../providers/provider-context.ts';
import { RfbWire, u32 } from './rfb-wire.ts';
import { ScramClient, SCRAM } from './scram.ts';
import { CHALLENGE_BYTES, vncAuthResponse } from './vnc-auth.ts';

/** What the machine's VNC server is told so that it lets us in. */
type RfbCredentials = Omit<RfbTarget, 'stream'>;

/** Security types of RFB (RFC 6143 section 7.1.2, and the community's registry). */
const NONE = 1;
const VNC_AUTH = 2;
const VENCRYPT = 19;
const SASL = 20;

/** What VeNCrypt wraps in TLS with a certificate. */
const X509: ReadonlyMap<number, 'none' | 'vnc' | 'plain' | 'sasl'> = new Map([
  [263, 'sasl'],
  [262, 'plain'],
  [261, 'vnc'],
  [260, 'none'],
]);

const MOST_TEXT = 4096;
const MOST_STEPS = 8;

/**
 * Speaks the security part of RFB with a server, up to where the client says ClientInit.
 *
 * @returns the stream to go on with: TLS over the first one where the server demanded it.
 * @throws GatewayError `target_unsupported`, `target_credentials_refused`, `target_refused`,
 * `target_certificate_refused`, `target_lost`.
 */
export async function enterRfb(stream: Duplex, credentials: RfbCredentials): Promise<Duplex> {
  const wire = new RfbWire(stream);
  const greeting = (await wire.read(12)).toString('latin1');
  const version = /^RFB (\d{3})\.(\d{3})\n$/.exec(greeting);
  if (!version) throw unsupported('this is no VNC server');
  // Apple's 3.889 and whatever else is beyond 3.8 speak 3.8; below 3.7 there is no list of types.
  const minor = Math.min(Number(version[2]), 8);
  if (Number(version[1]) !== 3 || minor < 7) throw unsupported(`its RFB is ${greeting.trim()}`);
  wire.write(`RFB 003.00${minor}\n`);

  const types = await typesOf(wire);
  const chosen = choose(types, credentials);
  wire.write([chosen]);
  const entered = await authenticate(wire, chosen, credentials);
  // Before 3.8 nothing follows where nothing was asked.
  if (minor === 8 || chosen !== NONE) await result(entered, minor);
  return entered.stream;
}

async function typesOf(wire: RfbWire): Promise<number[]> {
  const count = await wire.readU8();
  if (count === 0) {
    throw new GatewayError('target_refused', `it refuses: ${await wire.readText(MOST_TEXT)}`);
  }
  return [...(await wire.read(count))];
}

/** The best that both can: what is encrypted first. */
function choose(types: readonly number[], credentials: RfbCredentials): number {
  const { password, username, trust, demandTls } = credentials;
  if (trust && types.includes(VENCRYPT)) return VENCRYPT;
  if (demandTls) throw unsupported('it offers no TLS, and nothing else is allowed');
  if (username && password && types.includes(SASL)) return SASL;
  if (password !== undefined && types.includes(VNC_AUTH)) return VNC_AUTH;
  if (types.includes(NONE)) return NONE;
  if (types.includes(VENCRYPT)) throw unsupported('it demands TLS, and no CA is configured for it');
  throw unsupported(`it offers the security types ${types.join(', ')} alone`);
}

async function authenticate(
  wire: RfbWire,
  type: number,
  credentials: RfbCredentials,
): Promise<RfbWire> {
  if (type === VENCRYPT) return veNCrypt(wire, credentials);
  if (type === SASL) await sasl(wire, credentials);
  if (type === VNC_AUTH) await vncAuth(wire, credentials);
  return wire;
}

/** VeNCrypt 0.2, as QEMU and TigerVNC speak it. */
async function veNCrypt(wire: RfbWire, credentials: RfbCredentials): Promise<RfbWire> {
  const [major = 0, minor = 0] = await wire.read(2);
  if (major !== 0 || minor < 2) throw unsupported(`its VeNCrypt is ${major}.${minor}`);
  wire.write([0, 2]);
  if ((await wire.readU8()) !== 0) throw unsupported('it does not take VeNCrypt 0.2');
  const offered: number[] = [];
  for (let left = await wire.readU8(); left > 0; left -= 1) offered.push(await wire.readU32());
  const { username, password, trust } = credentials;
  const subtype = [...X509.keys()].find((type) => {
    const inner = X509.get(type);
    if (!offered.includes(type) || inner === undefined) return false;
    if (inner === 'none') return true;
    return password !== undefined && (inner === 'vnc' || username !== undefined);
  });
  if (subtype === undefined || !trust) {
    throw unsupported(`it offers the VeNCrypt types ${offered.join(', ')} alone`);
  }
  wire.write(u32(subtype));
  if ((await wire.readU8()) !== 1) throw unsupported(`it does not take VeNCrypt type ${subtype}`);
  const inside = new RfbWire(await startTls(wire.stream, trust));
  const inner = X509.get(subtype);
  if (inner === 'vnc') await vncAuth(inside, credentials);
  if (inner === 'plain') plain(inside, credentials);
  if (inner === 'sasl') await sasl(inside, credentials);
  return inside;
}

async function vncAuth(wire: RfbWire, { password = '' }: RfbCredentials): Promise<void> {
  wire.write(vncAuthResponse(password, await wire.read(CHALLENGE_BYTES)));
}

function plain(wire: RfbWire, { username = '', password = '' }: RfbCredentials): void {
  const [name, secret] = [Buffer.from(username), Buffer.from(password)];
  wire.write(u32(name.length), u32(secret.length), name, secret);
}

/** SASL as QEMU speaks it (ui/vnc-auth-sasl.c): lengths before texts that end with a zero. */
async function sasl(
  wire: RfbWire,
  { username = '', password = '' }: RfbCredentials,
): Promise<void> {
  const mechanisms = (await wire.readText(MOST_TEXT)).split(/[ ,]/);
  if (!mechanisms.includes(SCRAM)) throw unsupported(`its SASL offers ${mechanisms.join(', ')}`);
  const scram = new ScramClient({ username, password });
  wire.write(u32(SCRAM.length), SCRAM, ...saslText(scram.first()));
  const challenge = await saslStep(wire);
  if (challenge.complete) throw refused();
  wire.write(...saslText(scram.final(challenge.text)));
  let step = await saslStep(wire);
  scram.verify(step.text);
  for (let left = MOST_STEPS; !step.complete; left -= 1) {
    if (left === 0) throw unsupported('its SASL does not come to an end');
    wire.write(u32(0));
    step = await saslStep(wire);
  }
}

function saslText(text: string): Buffer[] {
  const bytes = Buffer.from(`${text}\0`);
  return [u32(bytes.length), bytes];
}

/** @throws GatewayError when the server hangs up, which is how QEMU refuses. */
async function saslStep(wire: RfbWire): Promise<{ text: string; complete: boolean }> {
  try {
    const text = (await wire.readText(MOST_TEXT)).replace(/\0$/, '');
    return { text, complete: (await wire.readU8()) === 1 };
  } catch (cause) {
    if (cause instanceof GatewayError && cause.status === 'target_lost') throw refused(cause);
    throw cause;
  }
}

async function result(wire: RfbWire, minor: number): Promise<void> {
  if ((await wire.readU32()) === 0) return;
  // What servers say here is not told on: some name users.
  if (minor === 8) await wire.readText(MOST_TEXT).catch(() => '');
  throw refused();
}

function refused(cause?: unknown): GatewayError {
  const message = 'the VNC server does not accept the password';
  return new GatewayError('target_credentials_refused', message, { cause });
}

function unsupported(what: string): GatewayError {
  return new GatewayError('target_unsupported', `the VNC server cannot be spoken to: ${what}`);
}
