import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { ConfigError } from '../../config.ts';
import type { Notes } from './notes.ts';

const STANDARD_INPUT = '-';

export interface SourceText {
  /** As messages call it. */
  readonly file: string;
  readonly text: string;
}

/**
 * A file's text without its byte order mark, `-` for standard input. UTF-16 is known by its mark; what
 * is no UTF-8 is taken for Windows-1252, in which Excel writes CSV in Western Europe.
 *
 * @throws ConfigError when it cannot be read.
 */
export function readSource(path: string, notes: Notes): SourceText {
  const file = path === STANDARD_INPUT ? 'standard input' : path;
  const bytes = readBytes(path, file);
  const marked = [
    { encoding: 'utf-16le', mark: [0xff, 0xfe] },
    { encoding: 'utf-16be', mark: [0xfe, 0xff] },
  ].find(({ mark }) => mark.every((byte, at) => bytes[at] === byte));
  if (marked) return { file, text: new TextDecoder(marked.encoding).decode(bytes) };
  try {
    return { file, text: new TextDecoder('utf-8', { fatal: true }).decode(bytes) };
  } catch {
    notes.add({ file }, 'encoding', 'is no UTF-8; it was read as Windows-1252: look at its names');
    return { file, text: new TextDecoder('windows-1252').decode(bytes) };
  }
}

/** `~/` is the home of whoever imports. */
export function expandHome(path: string): string {
  return path === '~' || path.startsWith('~/') ? join(homedir(), path.slice(1)) : path;
}

function readBytes(path: string, file: string): Buffer {
  try {
    return readFileSync(path === STANDARD_INPUT ? 0 : path);
  } catch (cause) {
    throw unreadable(file, cause);
  }
}

export function unreadable(file: string, cause: unknown): ConfigError {
  const { code = String(cause) } = cause as NodeJS.ErrnoException;
  return new ConfigError(file, [{ path: '', message: `cannot be read (${code})` }]);
}
