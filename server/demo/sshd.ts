import { execFile } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { childEnvironment, type RunningChild, startChild } from '../platform/child-process.ts';
import { greeting, LOOPBACK, onFreePort } from './loopback.ts';
import { stopWithDescendants } from './process-tree.ts';
import { shellProfile } from './shell-profile.ts';
import { waitUntil } from './wait-until.ts';

export interface SshdOptions {
  /** An existing folder of sshd's own: settings, host key, home. */
  folder: string;
  /** The only account that may sign in: the one that sshd runs as. */
  username: string;
  /** Lines for sshd_config(5) that go before ours; sshd takes the first value of each. */
  settings?: readonly string[];
  /** Absolute path of sshd. */
  program?: string;
}

export interface Sshd {
  readonly port: number;
  /** The shells' home folder. */
  readonly home: string;
  /** A file that appears when a shell shows its first prompt. */
  readonly prompted: string;
  /** The host's key as guacd's `host-key` takes it: one line of known_hosts(5). */
  readonly hostKeyLine: string;
  /** Ends the server and every session on it. May be called twice. */
  stop(): Promise<void>;
}

const run = promisify(execFile);
const env = childEnvironment({ LANG: 'C.UTF-8' });

/**
 * Starts OpenSSH's server on a free loopback port as the current user, with a new ECDSA host key
 * and a home folder in `folder` instead of the user's own. Run as root, sshd insists on the empty
 * folder /run/sshd, which is made when it is missing.
 */
export async function startSshd(options: SshdOptions): Promise<Sshd> {
  const { folder } = options;
  const home = join(folder, 'home');
  const prompted = join(folder, 'prompted');
  const hostKey = join(folder, 'host_key');
  await mkdir(home);
  if (process.getuid?.() === 0) await mkdir('/run/sshd', { recursive: true, mode: 0o755 });
  await run('ssh-keygen', ['-q', '-t', 'ecdsa', '-N', '', '-C', '', '-f', hostKey], { env });
  await writeFile(
    join(home, '.bashrc'),
    shellProfile('demo-ssh', ['Welcome to Rackside by SSH: type here'], prompted),
  );
  await writeFile(join(folder, 'session.sh'), sessionScript(home));
  const { child, port } = await onFreePort((free) => startOn(free, options));
  return {
    port,
    home,
    prompted,
    hostKeyLine: `[${LOOPBACK}]:${port} ${(await readFile(`${hostKey}.pub`, 'utf8')).trim()}`,
    stop: () => stopWithDescendants(child),
  };
}

async function startOn(
  port: number,
  options: SshdOptions,
): Promise<{ child: RunningChild; port: number }> {
  const config = join(options.folder, 'sshd_config');
  await writeFile(config, await sshdConfig(port, options));
  const child = await startChild({
    name: 'sshd',
    // sshd starts itself anew for each connection and asks for its absolute path.
    command: options.program ?? (await sshdPath()),
    args: ['-D', '-e', '-f', config],
    env,
    cwd: options.folder,
  });
  try {
    await waitUntil(async () => (await greeting(port)).startsWith('SSH-2.0-'), {
      timeout: 10_000,
      what: `sshd's greeting`,
      child,
    });
    return { child, port };
  } catch (error) {
    await child.stop();
    throw error;
  }
}

export async function sshdPath(): Promise<string> {
  const { stdout } = await run('sh', ['-c', 'command -v sshd'], { env });
  return stdout.trim();
}

async function sshdConfig(
  port: number,
  { folder, username, settings = [] }: SshdOptions,
): Promise<string> {
  return [
    ...settings,
    `ListenAddress ${LOOPBACK}:${port}`,
    `HostKey "${join(folder, 'host_key')}"`,
    `AuthorizedKeysFile "${join(folder, 'authorized_keys')}"`,
    `ForceCommand exec sh '${join(folder, 'session.sh')}'`,
    // sshd runs that by the account's shell. bash(1) reads ~/.bashrc then, where this is unset: the
    // user's own, which may take long, wait for a lock or print.
    'SetEnv SHLVL=2',
    `AllowUsers ${username}`,
    'AcceptEnv TZ',
    'PidFile none',
    'StrictModes no',
    // libssh2 before 1.11, as in Debian 12 under guacd, signs with RSA and SHA-1 only.
    'PubkeyAcceptedAlgorithms +ssh-rsa',
    'PermitRootLogin prohibit-password',
    'PasswordAuthentication no',
    'KbdInteractiveAuthentication no',
    // Without PAM no session of the system's is opened; a locked account it alone lets in by key.
    `UsePAM ${(await isLocked(username)) ? 'yes' : 'no'}`,
    ...['PermitUserRC no', 'PrintMotd no', 'PrintLastLog no', 'X11Forwarding no'],
    ...['AllowTcpForwarding no', 'AllowAgentForwarding no', ''],
  ].join('\n');
}

/** sshd, when it can read shadow(5) (as root), refuses accounts whose password begins with "!". */
async function isLocked(username: string): Promise<boolean> {
  const shadow = await readFile('/etc/shadow', 'utf8').catch(() => '');
  return shadow.split('\n').some((line) => line.startsWith(`${username}:!`));
}

function sessionScript(home: string): string {
  return `cd '${home}'
set -- bash --rcfile '${home}/.bashrc' -i
[ -z "$SSH_ORIGINAL_COMMAND" ] || set -- bash -c "$SSH_ORIGINAL_COMMAND"
exec env -i HOME='${home}' PATH='${env['PATH'] ?? ''}' LANG=C.UTF-8 TERM="$TERM" SHELL=/bin/bash \
  \${TZ:+TZ="$TZ"} "$@"
`;
}
