import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { readdir, stat } from 'node:fs/promises';
import { type Server, createServer } from 'node:net';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** The range from which systemd takes dynamic users (systemd's UIDS-GIDS.md). */
const FIRST = 61_184;
const LAST = 65_519;
const TRIES = 64;

/** A user without a name, for one screen alone. */
export interface Account {
  readonly uid: number;
  /** How a command is run as this user, who gets no rights by any program. */
  readonly prefix: readonly string[];
  /** Gives the user back. Idempotent. */
  release(): void;
}

/** Who is not root has itself alone. */
export const OWN_ACCOUNT: Account = {
  uid: process.getuid?.() ?? -1,
  prefix: ['setpriv', '--no-new-privs'],
  release: () => undefined,
};

/**
 * A user that nobody has and of whom no process runs. It is held by an abstract Unix socket, which
 * one process of the machine can have at a time and which ends with the process.
 *
 * @throws Error when none is free.
 */
export async function takeAccount(): Promise<Account> {
  if (process.getuid?.() !== 0) return OWN_ACCOUNT;
  for (let left = TRIES; left > 0; left -= 1) {
    const uid = FIRST + Math.floor(Math.random() * (LAST - FIRST + 1));
    const held = await hold(`\0rackside-uid-${uid}`);
    if (!held) continue;
    if ((await hasName(uid)) || (await hasProcesses(uid))) {
      held.close();
      continue;
    }
    const ids = [`--reuid=${uid}`, `--regid=${uid}`, '--clear-groups'];
    const prefix = ['setpriv', ...ids, '--inh-caps=-all', '--bounding-set=-all', '--no-new-privs'];
    return { uid, prefix, release: () => void held.close() };
  }
  throw new Error('no user id is free');
}

async function hold(name: string): Promise<Server | null> {
  const server = createServer((socket) => socket.destroy()).listen(name);
  server.unref();
  return once(server, 'listening').then(
    () => server,
    () => null,
  );
}

function hasName(uid: number): Promise<boolean> {
  return run('getent', ['passwd', String(uid)]).then(
    () => true,
    () => false,
  );
}

async function hasProcesses(uid: number): Promise<boolean> {
  for (const name of await readdir('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const owner = await stat(`/proc/${name}`).catch(() => null);
    if (owner?.uid === uid) return true;
  }
  return false;
}
