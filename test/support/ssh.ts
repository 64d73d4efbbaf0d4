import { randomBytes } from 'node:crypto';
import { readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { makeRsaKey } from '../../server/demo/ssh-server.ts';
import { type Sshd, sshdPath, startSshd } from '../../server/demo/sshd.ts';
import { inTempDir } from './temp-dir.ts';

export interface SshPeer extends Sshd {
  readonly host: string;
  readonly username: string;
  /** RSA in PEM, which lets the user in. */
  readonly privateKey: string;
  /** Lets the user in, too; undefined when the tests do not run as root: no password does then. */
  readonly password: string | undefined;
}

const PAM_FOLDER = '/etc/pam.d';
const SERVICE = 'rackside-test-sshd';

/**
 * OpenSSH's server for the current user, by key and by password. The password is none of the
 * system's: sshd asks PAM for the service that is called like the program it was started as, so it
 * runs by a link of another name, whose service compares with our own. That service is one file in
 * /etc/pam.d (hence only as root), gone after `stop()`.
 */
export function startSsh(): Promise<SshPeer> {
  return inTempDir('ssh', async (dir) => {
    const { username } = userInfo();
    const { privateKey, authorizedKey } = makeRsaKey();
    await writeFile(join(dir.path, 'authorized_keys'), authorizedKey);
    const login = process.getuid?.() === 0 ? await passwordLogin(dir.path) : undefined;
    try {
      const sshd = await startSshd({ folder: dir.path, username, ...login?.options });
      const stop = async () => {
        await sshd.stop();
        await login?.remove();
        await dir.stop();
      };
      return {
        ...sshd,
        host: '127.0.0.1',
        username,
        privateKey,
        password: login?.password,
        stop,
      };
    } catch (error) {
      await login?.remove();
      throw error;
    }
  });
}

async function passwordLogin(folder: string) {
  const password = randomBytes(12).toString('base64url');
  const service = `${SERVICE}-${process.pid}-${randomBytes(4).toString('hex')}`;
  const serviceFile = join(PAM_FOLDER, service);
  const program = join(folder, service);
  const check = join(folder, 'check-password.sh');
  await removeLeftServices();
  await symlink(await sshdPath(), program);
  // pam_exec(8) hands the typed password over by standard input, ended by a zero byte.
  await writeFile(check, `#!/bin/sh\n[ "$(tr -d '\\000')" = '${password}' ]\n`, { mode: 0o700 });
  await writeFile(
    serviceFile,
    [
      `auth requisite pam_exec.so quiet expose_authtok ${check}`,
      ...['auth', 'account', 'session'].map((type) => `${type} required pam_permit.so`),
      '',
    ].join('\n'),
  );
  return {
    password,
    options: {
      program,
      settings: ['UsePAM yes', 'PasswordAuthentication yes', 'PermitRootLogin yes'],
    },
    remove: () => rm(serviceFile, { force: true }),
  };
}

/** Services of test runs that were killed: the name holds the pid of their maker. */
async function removeLeftServices(): Promise<void> {
  for (const name of await readdir(PAM_FOLDER)) {
    const pid = new RegExp(`^${SERVICE}-(\\d+)-`).exec(name)?.[1];
    if (pid && !isRunning(Number(pid))) await rm(join(PAM_FOLDER, name), { force: true });
  }
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}
