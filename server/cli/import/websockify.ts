import { readFileSync, readdirSync, statSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { ConfigError } from '../../config.ts';
import { type TokenTarget, parseTokenFile } from '../../providers/websockify/token-file.ts';
import { FILE_BYTES, isTokenFile } from '../../providers/websockify/token-folder.ts';
import { TOKEN_LENGTH } from '../../providers/websockify/index.ts';
import { Notes } from './notes.ts';
import type { Imported } from './section.ts';
import { expandHome, unreadable } from './source-text.ts';

export interface WebsockifyOptions {
  readonly machines?: 'files' | 'lines';
  readonly links?: true;
}

interface ReadTokens {
  readonly name: string;
  readonly targets: readonly TokenTarget[];
}

/** Sunstone's file of a VM: a second line in it is the VM's former token. */
const ONE_VM = /^one-\d+$/;

/**
 * The section of a websockify's token files, which stay where they are and are read from there.
 *
 * @throws ConfigError when they cannot be read, or lead nowhere.
 */
export function importWebsockify(path: string, options: WebsockifyOptions): Imported {
  const notes = new Notes();
  const source = resolve(expandHome(path));
  const isFolder = statOf(source).isDirectory();
  const files = (isFolder ? tokenFilesOf(source, notes) : [source]).flatMap(
    (file) => readTokens(file, notes) ?? [],
  );
  const targets = files.flatMap((file) => file.targets);
  if (targets.length === 0) {
    const message = [...notes.lines, 'expected lines of `token: host:port`'].join('\n  ');
    throw new ConfigError(source, [{ path: '', message }]);
  }
  const machines = options.machines ?? (isFolder && !files.some(hasSeveral) ? 'files' : 'lines');
  const short = targets.filter(({ token }) => token.length < TOKEN_LENGTH).length;
  if (!options.links) {
    notes.add({ file: source }, 'tokens', 'old links ?token=… open nothing; with --links they do');
  } else if (short > 0) {
    const why = `${short} of fewer than ${TOKEN_LENGTH} characters open nothing: they can be guessed`;
    notes.add({ file: source }, 'tokens', why);
  }
  const found = machines === 'files' ? files.filter(leadsAnywhere).length : distinct(targets);
  return {
    section: {
      ...{ type: 'websockify', path: source },
      ...(machines === (isFolder ? 'files' : 'lines') ? {} : { machines }),
      ...(options.links && { links: {} }),
    },
    notes,
    summary: `${targets.length} tokens of ${found} machines, read from ${source} from now on`,
  };
}

function statOf(path: string) {
  try {
    return statSync(path);
  } catch (cause) {
    throw unreadable(path, cause);
  }
}

function tokenFilesOf(folder: string, notes: Notes): readonly string[] {
  let names: readonly string[];
  try {
    names = readdirSync(folder).toSorted();
  } catch (cause) {
    throw unreadable(folder, cause);
  }
  return names.flatMap((name) => {
    const file = join(folder, name);
    if (!isTokenFile(name)) {
      notes.add(
        { file },
        'name',
        'is hidden or a copy that an editor left: the gateway passes it over',
      );
      return [];
    }
    return statSync(file, { throwIfNoEntry: false })?.isDirectory() ? [] : [file];
  });
}

/** A file that cannot be read is one thing left behind, and not all of them. */
function readTokens(file: string, notes: Notes): ReadTokens | undefined {
  let text: string;
  try {
    if (statSync(file).size > FILE_BYTES) {
      notes.add({ file }, 'size', 'is too large for a token file: the gateway passes it over');
      return undefined;
    }
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    const { code = 'unknown' } = cause as NodeJS.ErrnoException;
    notes.add({ file }, 'file', `cannot be read (${code}), by the gateway neither`);
    return undefined;
  }
  const { targets, faulty } = parseTokenFile(text);
  for (const line of faulty) notes.add({ file, line }, 'line', 'is not `token: host:port`');
  return { name: basename(file), targets };
}

/** Whether its lines are machines of their own, and not one machine's old and new token. */
function hasSeveral({ name, targets }: ReadTokens): boolean {
  return !ONE_VM.test(name) && distinct(targets) > 1;
}

function leadsAnywhere({ targets }: ReadTokens): boolean {
  return targets.length > 0;
}

function distinct(targets: readonly TokenTarget[]): number {
  return new Set(targets.map(({ host, port }) => `${host} ${port}`)).size;
}
