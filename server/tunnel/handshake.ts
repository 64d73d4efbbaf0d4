import type { TunnelGrant } from '../consoles/tunnel-port.ts';
import { encode } from './instruction.ts';
import { TERMINAL_COLORS } from './terminal-colors.ts';
import { vncEncodings } from './vnc-encodings.ts';

/** Protocol versions of which this gateway knows what they ask of a client, oldest first. */
const VERSIONS = ['VERSION_1_0_0', 'VERSION_1_1_0', 'VERSION_1_3_0', 'VERSION_1_5_0'] as const;
type Version = (typeof VERSIONS)[number];
/** The last one of those that tell the screen's size before all else, whatever comes of the machine. */
const LAST_TO_BEGIN: Version = 'VERSION_1_3_0';

/** guacd has next to nothing to say before `ready` but `args`. */
const MOST_STRANGE = 100;

/** What Guacamole.Client of the page can play and draw. WebP is left out: guacd is slow at it. */
const AUDIO = ['audio/L8', 'audio/L16'];
const IMAGE = ['image/png', 'image/jpeg'];

export type HandshakeStep =
  | { readonly do: 'send'; readonly data: string }
  /** `connection` is the id by which others join it; `beginsWithSize`: see LAST_TO_BEGIN. */
  | { readonly do: 'open'; readonly connection: string; readonly beginsWithSize: boolean }
  | { readonly do: 'wait' }
  | { readonly do: 'give-up'; readonly why: string };

/**
 * The client's half of guacd's handshake: `select`, then one reply to `args`, then `ready`
 * (Guacamole manual, "Guacamole protocol", handshake phase). A running connection is selected by the
 * id that its first `ready` told; whoever joins gives parameters of their own. Pure: instructions in, text out.
 */
export class Handshake {
  readonly #grant: TunnelGrant;
  #announced: number | null = null;
  #strange = 0;

  constructor(grant: TunnelGrant) {
    this.#grant = grant;
  }

  /** What to send first. */
  start(): string {
    return encode(['select', this.#grant.join ?? this.#grant.protocol]);
  }

  /** An instruction that is not of the handshake is passed over, if there are not too many. */
  receive([opcode, ...values]: readonly string[]): HandshakeStep {
    if (opcode === 'args' && this.#announced === null) {
      this.#announced = announcedVersion(values);
      return { do: 'send', data: handshakeReply(this.#grant, values) };
    }
    if (opcode === 'ready' && this.#announced !== null) {
      const beginsWithSize = this.#announced <= versionNumber(LAST_TO_BEGIN);
      return { do: 'open', connection: values[0] ?? '', beginsWithSize };
    }
    this.#strange += 1;
    if (this.#strange <= MOST_STRANGE) return { do: 'wait' };
    return { do: 'give-up', why: 'guacd talks on, and not of the handshake' };
  }
}

/** What guacd is told of a grant after `args`. */
type Offered = Pick<TunnelGrant, 'display' | 'timezone' | 'user' | 'readOnly' | 'parameters'>;

/** Everything that follows `args`, as one text so that it goes out in one write. */
export function handshakeReply(grant: Offered, args: readonly string[]): string {
  const version = commonVersion(args);
  const { width, height, dpi } = grant.display;
  const instructions = [
    ['size', String(width), String(height), String(dpi)],
    ['audio', ...AUDIO],
    ['video'],
    ['image', ...IMAGE],
  ];
  if (version >= 'VERSION_1_1_0' && grant.timezone) instructions.push(['timezone', grant.timezone]);
  if (version >= 'VERSION_1_3_0' && grant.user) instructions.push(['name', grant.user]);
  instructions.push(['connect', ...args.map((name) => valueOf(name, grant, version))]);
  return instructions.map(encode).join('');
}

/** The highest version that is known here and is not above the one that guacd announces. */
function commonVersion(args: readonly string[]): Version {
  const announced = announcedVersion(args);
  return VERSIONS.findLast((version) => versionNumber(version) <= announced) ?? VERSIONS[0];
}

function announcedVersion(args: readonly string[]): number {
  return versionNumber(args.find((name) => name.startsWith('VERSION_')) ?? VERSIONS[0]);
}

/** Of `VERSION_1_3_0`; a later version has a larger number. */
function versionNumber(version: string): number {
  return version
    .slice('VERSION_'.length)
    .split('_')
    .reduce((number, part) => number * 1000 + Number(part), 0);
}

/** An empty string is an unset value; `0` and `false` are values. */
function valueOf(name: string, grant: Offered, version: Version): string {
  if (name.startsWith('VERSION_')) return version;
  if (name === 'read-only' && grant.readOnly) return 'true';
  const given = Object.hasOwn(grant.parameters, name) ? (grant.parameters[name] ?? '') : '';
  if (name === 'color-scheme') return given || TERMINAL_COLORS;
  return name === 'encodings' ? given || vncEncodings(version) : given;
}
