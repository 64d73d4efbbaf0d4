import { inflateSync } from 'node:zlib';
import { z } from 'zod';
import { ConfigError } from '../../config.ts';
import { faultsOf } from '../../config/config-error.ts';
import { Secret } from '../../secret.ts';
import { Notes } from './notes.ts';
import type { Imported } from './section.ts';
import { expandHome, readSource } from './source-text.ts';

export const HETZNER_CONSOLE_FILE = '~/.hcloud-console.conf';

/** Its way to write that there is none. */
const NONE = '-';

const text = z.string().nullish();

/** What `server.py setup` of hetzner-console writes. Its database drivers add keys of their own. */
const written = z.looseObject({
  ...{ token: text, dc: text, typ: text, os: text, label: text, prefix: text },
  ...{ driver: text, console: text, complete: text },
});

/** Keys without a counterpart, and what is there instead. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  dc: 'say it when a server is made: rackside hetzner create NAME --datacenter DC',
  typ: 'say it when a server is made: rackside hetzner create NAME --type TYPE',
  os: 'say it when a server is made: rackside hetzner create NAME --image IMAGE',
  console: "consoles' URLs begin with the gateway's publicUrl",
  driver: 'there is no database to choose: the gateway keeps its state in Redis',
};

/**
 * The section of a hetzner-console's project.
 *
 * @throws ConfigError
 */
export function importHetznerConsole(path: string = HETZNER_CONSOLE_FILE): Imported {
  const notes = new Notes();
  const source = readSource(expandHome(path), notes);
  const { file } = source;
  const config = parse(source.text, file);
  const { token, label, prefix, complete } = config;
  const apiToken = tokenOf(token, file);
  for (const [key, value] of Object.entries(config)) {
    if (value === null || value === '' || value === NONE) continue;
    const database = key.startsWith('mongo_') ? ELSEWHERE['driver'] : undefined;
    const why = ELSEWHERE[key] ?? database;
    if (why !== undefined) notes.add({ file }, key, why);
    else if (!(key in written.shape)) notes.add({ file }, key, 'is no setting of hetzner-console');
  }
  if (!complete) notes.add({ file }, 'complete', 'its setup was not finished: look at the section');
  return {
    section: {
      type: 'hetzner',
      apiToken,
      // It lists the servers that have its label with this very value, and gives it to new ones.
      ...(given(label) && { label: `${label}=1` }),
      ...(given(prefix) && { namePrefix: prefix }),
    },
    notes,
    summary: 'a project of the cloud',
  };
}

function parse(json: string, file: string): z.output<typeof written> {
  let tree: unknown;
  try {
    tree = JSON.parse(json);
  } catch (error) {
    throw new ConfigError(file, [{ path: placeOf(error, json), message: 'is no valid JSON' }]);
  }
  const parsed = written.safeParse(tree);
  if (!parsed.success) throw new ConfigError(file, parsed.error.issues.flatMap(faultsOf));
  return parsed.data;
}

/** The parser's own message shows what it found, which may be a piece of the token. */
function placeOf(error: unknown, json: string): string {
  const [, position] = /position (\d+)/.exec(String(error)) ?? [];
  const before = json.slice(0, position === undefined ? json.length : Number(position)).split('\n');
  return `line ${before.length}, column ${(before.at(-1) ?? '').length + 1}`;
}

/**
 * Its token is compressed and masked with bytes that stand beside it: `base64(data) base64(mask)`.
 *
 * @throws ConfigError
 */
function tokenOf(token: string | null | undefined, file: string): Secret {
  const [data, mask] = (token ?? '').split(' ').map((part) => Buffer.from(part, 'base64'));
  if (data && mask && data.length > 0 && data.length === mask.length) {
    try {
      const bytes = data.map((byte, at) => byte ^ (mask[at] ?? 0));
      return new Secret(inflateSync(bytes).toString('utf8'));
    } catch {
      // Told below, as what else it may be.
    }
  }
  const message = token ? 'expected the API token as hetzner-console writes it' : 'expected one';
  throw new ConfigError(file, [{ path: 'token', message }]);
}

function given(value: string | null | undefined): value is string {
  return value !== undefined && value !== null && value !== '' && value !== NONE;
}
