import { setTimeout } from 'node:timers/promises';
import type {
  GuacdAddress,
  GuacdProtocol,
  TunnelEnd,
  TunnelGrant,
} from '../consoles/tunnel-port.ts';
import type { StatusCode } from '../contract/index.ts';
import { isLoopback } from '../platform/loopback.ts';
import type { Probe } from './probe.ts';

const DEFAULT_PORTS: Record<GuacdProtocol, number> = { vnc: 5900, rdp: 3389, ssh: 22, telnet: 23 };

/**
 * Servers that speak first (RFC 6143, section 7.1.1; RFC 4253, section 4.2): a proxy before a dead
 * server accepts connections too, but cannot greet.
 */
const GREETINGS: Partial<Record<GuacdProtocol, string>> = { vnc: 'RFB ', ssh: 'SSH-' };

/**
 * Parameters that make guacd connect to something other than hostname and port (the VNC repeater,
 * the listening VNC client, the RDP gateway): a look at hostname and port would prove nothing.
 */
const DETOURS = ['dest-host', 'reverse-connect', 'gateway-hostname', 'load-balance-info'];

/** What the gateway knows of a session at the moment when it went wrong. */
export interface Symptom {
  readonly grant: TunnelGrant;
  /** Whether a picture was seen before. */
  readonly pictured: boolean;
  /** Whether a person has given the credentials. */
  readonly typed: boolean;
  readonly probe: Probe;
  /** Milliseconds for one probe. */
  readonly probeTime: number;
}

/**
 * guacd's `error` status (Guacamole manual, "status codes"; which one comes when was tried with
 * guacd 1.3.0) as a row of the status table and a sentence. guacd reports a refused connection
 * and a wrong VNC password alike: there the machine's port is looked at.
 */
export async function diagnoseError(symptom: Symptom, guacamole: number): Promise<TunnelEnd> {
  const { machine, protocol } = symptom.grant;
  const end = (status: StatusCode, what: string): TunnelEnd => ({
    status,
    message: `${machine}: ${what}`,
  });
  switch (guacamole) {
    case 0:
    case 522:
    case 523:
      return end('console_ended', `the machine ended the ${protocol} session`);
    case 769:
    case 771:
      return end(refusalOf(symptom), `the ${protocol} server refused the credentials`);
    case 513:
    case 521:
      return end('target_busy', `the ${protocol} server is busy or serves another session`);
    case 514:
      return end('target_timeout', `the ${protocol} server did not answer in time`);
    case 776:
      return end('client_timeout', 'the browser did not answer guacd in time');
    case 256:
    case 512:
      if (symptom.pictured) break;
      return unsupportedOrUnreachable(symptom);
    case 515:
      if (symptom.pictured) break;
      return refusedOrUnreachable(symptom);
    case 519:
      return refusedOrUnreachable(symptom);
  }
  return symptom.pictured
    ? end('target_lost', `the ${protocol} server closed the connection`)
    : end('target_refused', `the ${protocol} server refused the connection (${saidBy(guacamole)})`);
}

function saidBy(guacamole: number): string {
  return Number.isSafeInteger(guacamole) ? `guacd: ${guacamole}` : 'guacd does not say why';
}

/** guacd's SSH and Telnet say 512 of a host name that does not resolve, too. */
async function unsupportedOrUnreachable(symptom: Symptom): Promise<TunnelEnd> {
  const { machine, protocol, parameters, bridged } = symptom.grant;
  if (bridged) return behindBridge(symptom);
  const look = isDetour(parameters) ? null : await lookAtMachine(symptom);
  return look?.unreachable
    ? { status: 'target_unreachable', message: `${machine}: ${look.words}` }
    : {
        status: 'target_unsupported',
        message:
          `${machine}: guacd cannot speak with this ${protocol} server ` +
          '(security type, host key or protocol)',
      };
}

async function refusedOrUnreachable(symptom: Symptom): Promise<TunnelEnd> {
  const { machine, protocol, bridged } = symptom.grant;
  if (bridged) return behindBridge(symptom);
  const end = (status: StatusCode, what: string): TunnelEnd => ({
    status,
    message: `${machine}: ${what}`,
  });
  const look = await lookAtMachine(symptom);
  if (look.unreachable) return end('target_unreachable', look.words);
  if (symptom.pictured) return end('target_lost', `the ${protocol} connection broke`);
  // guacd 1.3.0 says the same of a password that RDP's NLA did not take.
  return protocol === 'vnc' || symptom.typed
    ? end(refusalOf(symptom), `${look.words}, probably because of the password`)
    : end('target_refused', look.words);
}

/** What a person has typed they may type again. */
function refusalOf({ typed }: Symptom): StatusCode {
  return typed ? 'target_credentials_wrong' : 'target_credentials_refused';
}

/**
 * The bridge knows what became of its machine and tells it itself; what it cannot know is that guacd
 * never came.
 */
function behindBridge({ grant, pictured }: Symptom): TunnelEnd {
  const { machine, protocol, parameters } = grant;
  const at = `${parameters['hostname']}:${parameters['port']}`;
  return pictured
    ? {
        status: 'target_lost',
        message: `${machine}: the ${protocol} connection broke`,
        vague: true,
      }
    : {
        status: 'target_unreachable',
        message: `${machine}: guacd got no picture through the gateway's bridge at ${at}`,
        vague: true,
      };
}

interface Look {
  readonly unreachable: boolean;
  readonly words: string;
}

async function lookAtMachine({ grant, probe, probeTime }: Symptom): Promise<Look> {
  const { protocol, guacd, parameters } = grant;
  const seen = isLocal(guacd) ? '' : ', as seen from the gateway, while guacd is on another host';
  const host = parameters['hostname'];
  if (!host || isDetour(parameters)) {
    return { unreachable: true, words: `guacd could not connect to the ${protocol} server` };
  }
  const port = Number(parameters['port'] || DEFAULT_PORTS[protocol]);
  switch (await probe({ host, port }, probeTime, GREETINGS[protocol])) {
    case 'mute':
      return {
        unreachable: true,
        words: `its ${protocol} port accepts connections and does not speak ${protocol}${seen}`,
      };
    case 'refused':
      return { unreachable: true, words: `nothing listens at the ${protocol} port${seen}` };
    case 'unresolvable':
      return { unreachable: true, words: `its host name does not resolve${seen}` };
    case 'silent':
      return { unreachable: true, words: `its ${protocol} port does not answer${seen}` };
    case 'answers':
      return {
        unreachable: false,
        words: `the ${protocol} port answers${seen}, but the session was refused`,
      };
  }
}

/**
 * guacd's `disconnect` without an `error` before it: a shell that exited. Before a picture it is
 * also how a refused connection looks when guacd 1.3.0 gives up before its user has joined, to
 * whom the `error` then never goes.
 */
export async function diagnoseDisconnect(symptom: Symptom): Promise<TunnelEnd> {
  return symptom.pictured
    ? {
        status: 'console_ended',
        message: `${symptom.grant.machine}: the machine ended the session`,
      }
    : lostBeforePicture(symptom, 'ended without a reason');
}

async function lostBeforePicture(symptom: Symptom, how: string): Promise<TunnelEnd> {
  const { machine, protocol, bridged } = symptom.grant;
  if (bridged) return behindBridge(symptom);
  const look = await lookAtMachine(symptom);
  return look.unreachable
    ? { status: 'target_unreachable', message: `${machine}: ${look.words}` }
    : { status: 'target_lost', message: `${machine}: the ${protocol} session ${how}` };
}

/** guacd's `required` where nobody can be asked for the credentials that the grant does not have. */
export function diagnoseRequired(symptom: Symptom, names: readonly string[]): TunnelEnd {
  return {
    status: 'target_credentials_refused',
    message:
      `${symptom.grant.machine}: the ${symptom.grant.protocol} server asks for ` +
      `${names.filter(Boolean).join(' and ') || 'nothing'}, which is not configured`,
  };
}

/** A guacd that is being stopped ends its sessions before it stops listening. ms */
const STOPPING = 300;

/**
 * guacd's socket closed, or went silent, after `ready` and without a word. With guacd still
 * accepting connections it was only this session's process, which guacd 1.3.0 also loses where it
 * should have said that it could not connect.
 */
export async function diagnoseLostGuacd(symptom: Symptom, how: string): Promise<TunnelEnd> {
  const { machine, guacd } = symptom.grant;
  await setTimeout(STOPPING);
  if ((await symptom.probe(guacd, symptom.probeTime)) !== 'answers') {
    return {
      status: 'guacd_lost',
      message: `${machine}: guacd ${how} and accepts no connections`,
    };
  }
  return symptom.pictured
    ? { status: 'target_lost', message: `${machine}: the session's guacd process ${how}` }
    : lostBeforePicture(symptom, how);
}

function isDetour(parameters: TunnelGrant['parameters']): boolean {
  return DETOURS.some((name) => isSet(parameters[name]));
}

function isSet(value: string | undefined): boolean {
  return value !== undefined && value !== '' && value !== 'false';
}

function isLocal(guacd: GuacdAddress): boolean {
  return 'path' in guacd || isLoopback(guacd.host);
}
