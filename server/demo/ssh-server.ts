import { generateKeyPairSync, type JsonWebKey } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { LOOPBACK } from './loopback.ts';
import { type Sshd, startSshd } from './sshd.ts';

export interface DemoSsh extends Sshd {
  readonly host: string;
  readonly username: string;
  /** PEM that begins with BEGIN RSA PRIVATE KEY: guacd 1.3 reads no other. */
  readonly privateKey: string;
}

/**
 * Starts a throwaway SSH server on loopback that lets in the current user, by one new key and
 * nothing else: no account, password or file of the system or in the user's home is touched.
 * Everything is in one new folder in `dir`, which `stop()` removes.
 */
export async function startDemoSsh({ dir }: { dir: string }): Promise<DemoSsh> {
  const folder = await mkdtemp(join(dir, 'sshd-'));
  const { username } = userInfo();
  const { privateKey, authorizedKey } = makeRsaKey();
  try {
    await writeFile(join(folder, 'authorized_keys'), authorizedKey);
    const sshd = await startSshd({ folder, username });
    const stop = async () => {
      await sshd.stop();
      await rm(folder, { recursive: true, force: true });
    };
    return { ...sshd, host: LOOPBACK, username, privateKey, stop };
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
}

export function makeRsaKey(): { privateKey: string; authorizedKey: string } {
  const pair = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const privateKey = pair.privateKey.export({ type: 'pkcs1', format: 'pem' }).toString();
  return { privateKey, authorizedKey: authorizedKeyLine(pair.publicKey.export({ format: 'jwk' })) };
}

/** An RSA key as a line of authorized_keys: fields with their lengths in front (RFC 4253, 6.6). */
function authorizedKeyLine({ e = '', n = '' }: JsonWebKey): string {
  const field = (data: Buffer) => {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(data.length);
    return Buffer.concat([length, data]);
  };
  // A leading zero keeps a number with its highest bit set from being negative (RFC 4251, 5).
  const number = (base64: string) => {
    const data = Buffer.from(base64, 'base64url');
    return field((data[0] ?? 0) < 0x80 ? data : Buffer.concat([Buffer.alloc(1), data]));
  };
  const blob = Buffer.concat([field(Buffer.from('ssh-rsa')), number(e), number(n)]);
  return `ssh-rsa ${blob.toString('base64')}\n`;
}
