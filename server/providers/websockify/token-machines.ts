import { createHash } from 'node:crypto';
import { ID_PATTERN } from '../provider.ts';
import type { ReadFile } from './token-folder.ts';
import type { TokenTarget } from './token-file.ts';

/** Whether each file is a machine, as Sunstone's `one-<vmid>` are, or each line. */
export type Layout = 'files' | 'lines';

export interface TokenMachine {
  readonly id: string;
  /** The file's, or the address. */
  readonly name: string;
  readonly target: TokenTarget;
  /** The file that it is from. */
  readonly file: string;
}

export interface TokenMachines {
  readonly byId: ReadonlyMap<string, TokenMachine>;
  /** By the hash of the token, so that no time of a comparison tells about one. */
  readonly byToken: ReadonlyMap<string, TokenMachine>;
}

/**
 * What the files say together. A token is a credential and never a machine's id: that is the file's
 * name, or the address. Of several tokens of a machine the newest counts, the older ones open nothing;
 * of several machines with one token the one that was written last.
 */
export function machinesOf(files: Iterable<ReadFile>, layout: Layout): TokenMachines {
  const byId = new Map<string, TokenMachine>();
  const byToken = new Map<string, TokenMachine>();
  const oldestFirst = [...files].toSorted(
    (one, other) => one.writtenAt - other.writtenAt || (one.name < other.name ? -1 : 1),
  );
  for (const { name, targets } of oldestFirst) {
    for (const target of layout === 'files' ? targets.slice(-1) : targets) {
      const called = layout === 'files' ? name : addressOf(target);
      const id =
        layout === 'files' ? idOf(name, name) : idOf(`${target.host}-${target.port}`, called);
      // In the order in which they were written, too.
      byId.delete(id);
      byId.set(id, { id, name: called, target, file: name });
    }
  }
  for (const machine of byId.values()) byToken.set(hashOf(machine.target.token), machine);
  return { byId, byToken };
}

export function hashOf(token: string): string {
  return createHash('sha256').update(token).digest('base64');
}

/** The hash keeps apart what looks alike without the signs that an id cannot have. */
function idOf(wanted: string, called: string): string {
  if (ID_PATTERN.test(wanted)) return wanted;
  const word = wanted
    .replaceAll(/[^A-Za-z0-9._-]+/g, '-')
    .replace(/^[._-]+/, '')
    .slice(0, 48);
  const hash = createHash('sha256').update(called).digest('hex').slice(0, 10);
  return word ? `${word}-${hash}` : hash;
}

function addressOf({ host, port }: TokenTarget): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}
