import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { ConfigError } from '../../config.ts';
import { CliError, EXIT } from '../fail.ts';
import { faultsOfHosts } from './check-section.ts';
import { idsOf } from './machine-ids.ts';
import { bmcHost } from './nojava/bmc-host.ts';
import { NOJAVA_FILE, type NojavaHost, readNojava } from './nojava/read-nojava.ts';
import { Notes } from './notes.ts';
import type { Imported } from './section.ts';
import { expandHome, unreadable } from './source-text.ts';

export interface NojavaOptions {
  readonly passwordFile?: string;
}

/** Keys of ours whose value is that of a key of theirs. */
const THEIRS: Readonly<Record<string, string>> = {
  address: 'full_hostname',
  username: 'login_user',
};

/**
 * The hosts of a nojava-ipmi-kvm as servers with BMCs, all with the password of one file, which stays
 * where it is.
 *
 * @throws ConfigError, CliError without that file.
 */
export function importNojava(
  path: string = NOJAVA_FILE,
  { passwordFile: given }: NojavaOptions,
): Imported {
  const passwordFile = passwordFileOf(given, path);
  const notes = new Notes();
  const read = readNojava(notes, path);
  const ids = idsOf(read.map(({ name }) => name));
  const hosts = read.map((host) => ({
    id: ids.get(host.name) ?? host.name,
    ...bmcHost(host, notes),
  }));
  const faults = faultsOfHosts(hosts, { passwordFile }).map(({ at, path: key, message }) => ({
    path: pathOf(read[at], THEIRS[key] ?? key),
    message,
  }));
  if (hosts.length === 0) faults.push({ path: 'hosts', message: 'there is no host' });
  if (faults.length > 0) throw new ConfigError(expandHome(path), faults);
  return {
    section: { type: 'bmc', passwordFile, hosts },
    notes,
    summary: `${hosts.length} ${hosts.length === 1 ? 'host' : 'hosts'}`,
  };
}

function passwordFileOf(given: string | undefined, path: string): string {
  if (given === undefined) {
    const message = `--password-file FILE: expected, since ${path} holds no passwords: a file with the one of the BMCs' accounts, which the gateway will read`;
    throw new CliError(message, EXIT.misconfigured);
  }
  const file = resolve(expandHome(given));
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    throw unreadable(file, cause);
  }
  if (text.trim() !== '') return file;
  throw new ConfigError(file, [{ path: '', message: 'is empty: expected a password' }]);
}

function pathOf(host: NojavaHost | undefined, key: string): string {
  const place = host?.written.find((each) => each.key === key)?.place ?? host?.place;
  return `line ${place?.line}, hosts.${host?.name}.${key}`;
}
