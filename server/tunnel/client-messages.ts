import { GatewayError } from '../errors.ts';
import type { CredentialPrompt } from './credential-prompt.ts';
import type { InputRights } from './input-rights.ts';
import { decode } from './instruction.ts';
import { InstructionScanner } from './instruction-scanner.ts';

/**
 * Largest message from a browser, in bytes. guacamole-common-js sends a clipboard or a file in
 * blobs of about 6 KiB, one instruction a message; this leaves room for clients that batch.
 */
export const MAX_CLIENT_MESSAGE = 64 * 1024;

/** Only the gateway speaks these to guacd; after `ready` they have no meaning there. */
const NEVER = new Set(['select', 'connect']);

/** What may be held down. */
const HELD = new Set(['key', 'mouse', 'touch']);

/** What only a person does. A page sends sync, ping and nop by itself. */
const HUMAN = new Set(['key', 'mouse', 'touch', 'clipboard', 'argv']);

/** The opcode of what concerns only the browser and the tunnel (Guacamole.Tunnel). */
const INTERNAL = '';

const NOTHING = Buffer.alloc(0);

export interface FilteredMessage {
  /** For guacd; empty when nothing of the message is. */
  readonly forward: Buffer;
  /** Back to the page: its pings, as they came; empty when there were none. */
  readonly echo: Buffer;
  /** A person did something, whether guacd may hear of it or not. */
  readonly human: boolean;
  /** How many instructions it had, whatever became of them. */
  readonly count: number;
  /** Keys, buttons and touches in `forward`, each opcode first. */
  readonly held: readonly (readonly string[])[];
  /** The page says that it leaves; guacd is told when the tunnel ends. */
  readonly leaves: boolean;
}

/**
 * Sorts one message of the page. Throws GatewayError `instruction_invalid` for anything but whole
 * instructions in text, `instruction_too_large` past MAX_CLIENT_MESSAGE.
 *
 * @param prompt what guacd has asked of who holds all rights: the only `argv` that it gets.
 */
export function filterClientMessage(
  message: Buffer,
  isBinary: boolean,
  rights: InputRights,
  prompt: CredentialPrompt | null = null,
): FilteredMessage {
  if (isBinary) throw invalid('a binary message');
  if (message.length > MAX_CLIENT_MESSAGE) {
    throw new GatewayError(
      'instruction_too_large',
      `the browser sent a message of ${message.length} bytes, more than ${MAX_CLIENT_MESSAGE}`,
    );
  }
  const forward: Buffer[] = [];
  const echo: Buffer[] = [];
  const held: string[][] = [];
  let leaves = false;
  let human = false;
  let count = 0;
  const scanner = new InstructionScanner(MAX_CLIENT_MESSAGE, 'all');
  scanner.feed(message);
  while (scanner.advance()) {
    const bytes = message.subarray(scanner.start, scanner.position);
    const elements = decode(bytes);
    count++;
    const [opcode = '', kind] = elements;
    human ||= HUMAN.has(opcode);
    if (NEVER.has(opcode)) throw invalid(`'${opcode}', which only the gateway may`);
    if (opcode === INTERNAL) {
      if (kind === 'ping') echo.push(bytes);
    } else if (opcode === 'disconnect') {
      leaves = true;
    } else if (rights === 'all' ? passes(elements, prompt) : rights.has(opcode)) {
      forward.push(bytes);
      if (HELD.has(opcode)) held.push(elements);
    }
  }
  if (scanner.failure !== null) throw invalid(scanner.failure);
  if (scanner.lastEnd !== message.length) throw invalid('an instruction without its end');
  return {
    forward: joined(forward, message),
    echo: joined(echo, message),
    human,
    count,
    held,
    leaves,
  };
}

/** Other parameters than those that were asked for stay as the target was configured. */
function passes(elements: readonly string[], prompt: CredentialPrompt | null): boolean {
  return prompt?.take(elements) ?? elements[0] !== 'argv';
}

/** Without a copy where all of the message is kept. */
function joined(parts: Buffer[], message: Buffer): Buffer {
  if (parts.length === 0) return NOTHING;
  const size = parts.reduce((sum, part) => sum + part.length, 0);
  return size === message.length ? message : Buffer.concat(parts, size);
}

function invalid(what: string): GatewayError {
  return new GatewayError('instruction_invalid', `the browser sent ${what}`);
}
