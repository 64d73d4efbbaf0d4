import { hkdfSync, randomBytes } from 'node:crypto';
import { link, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Secret } from '../secret.ts';

export interface Key {
  readonly id: string;
  readonly secret: Uint8Array;
}

/**
 * The gateway's keys: the first signs and encrypts, all verify. What is made of them is derived for
 * its purpose (HKDF-SHA256, RFC 5869), so that no two uses share a key.
 */
export class KeyRing {
  readonly #keys: readonly Key[];

  constructor(keys: readonly { id: string; secret: Secret }[]) {
    this.#keys = keys.map(({ id, secret }) => ({
      id,
      secret: Buffer.from(secret.reveal(), 'base64'),
    }));
  }

  /** 256-bit keys for one purpose, in the order of the configuration. */
  derive(purpose: string): Key[] {
    return this.#keys.map(({ id, secret }) => ({
      id,
      secret: new Uint8Array(hkdfSync('sha256', secret, '', `rackside ${purpose}`, 32)),
    }));
  }
}

/**
 * The key that was made once for this dataDir. Two processes that start at the same time end with
 * the same key: the file appears whole or not at all.
 */
export async function ownKey(dataDir: string): Promise<{ id: string; secret: Secret }> {
  const file = join(dataDir, 'key');
  await mkdir(dataDir, { recursive: true, mode: 0o700 });
  const draft = `${file}.${randomBytes(6).toString('hex')}`;
  await writeFile(draft, randomBytes(32).toString('base64'), { mode: 0o600, flag: 'wx' });
  await link(draft, file).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error;
  });
  await rm(draft);
  return { id: 'own', secret: new Secret(await readFile(file, 'utf8')) };
}
