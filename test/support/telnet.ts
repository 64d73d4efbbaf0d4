import { randomBytes } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { shellProfile } from '../../server/demo/shell-profile.ts';
import { childEnvironment, startChild } from '../../server/platform/child-process.ts';
import { inTempDir } from './temp-dir.ts';
import { until } from './until.ts';

export interface TelnetPeer {
  readonly host: string;
  readonly port: number;
  /** The shells' home folder and working directory. */
  readonly home: string;
  /** A file that appears when a shell shows its first prompt. */
  readonly prompted: string;
  /** What the login asks for; undefined when there is no login. */
  readonly login: { readonly username: string; readonly password: string } | undefined;
  stop(): Promise<void>;
}

/**
 * inetutils-telnetd with a shell of the current user and no account of the system's. With `login`
 * the shell comes after the prompts "login: " and "Password: " have had a name and a password of
 * our own; otherwise "Login incorrect" comes, and the prompts again.
 */
export function startTelnet({ login = false } = {}): Promise<TelnetPeer> {
  return inTempDir('telnet', async (dir) => {
    const home = join(dir.path, 'home');
    const prompted = join(dir.path, 'prompted');
    const shell = join(dir.path, 'shell.sh');
    const account = login
      ? { username: 'operator', password: randomBytes(6).toString('hex') }
      : undefined;
    await mkdir(home);
    await writeFile(
      join(home, '.bashrc'),
      shellProfile('demo-telnet', ['Welcome by Telnet'], prompted),
    );
    await writeFile(shell, shellScript(home, account), { mode: 0o700 });
    const child = await startChild({
      name: 'telnetd',
      command: 'socat',
      args: [
        // Twice -d has socat say which port the system gave it.
        ...['-d', '-d', 'TCP-LISTEN:0,bind=127.0.0.1,reuseaddr,fork'],
        `EXEC:telnetd -h -E ${shell},nofork`,
      ],
      env: childEnvironment({ LANG: 'C.UTF-8' }),
      cwd: dir.path,
    });
    const stop = async () => {
      await child.stop();
      await dir.stop();
    };
    try {
      const port = await until(
        () => /listening on AF=2 127\.0\.0\.1:(\d+)/.exec(child.output())?.[1],
        { timeout: 5000, what: 'socat to listen', child },
      );
      return { host: '127.0.0.1', port: Number(port), home, prompted, login: account, stop };
    } catch (error) {
      await stop();
      throw error;
    }
  });
}

function shellScript(home: string, login: TelnetPeer['login']): string {
  const ask = login
    ? `while :; do
  printf 'login: '; IFS= read -r name || exit
  stty -echo; printf 'Password: '; IFS= read -r word || exit; stty echo; echo
  [ "$name:$word" = '${login.username}:${login.password}' ] && break
  echo 'Login incorrect'
done
`
    : '';
  return `#!/bin/sh
${ask}cd '${home}'
exec env -i HOME='${home}' PATH="$PATH" LANG=C.UTF-8 TERM="$TERM" SHELL=/bin/bash bash -i
`;
}
