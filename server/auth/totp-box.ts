import { EncryptJWT, jwtDecrypt } from 'jose';
import type { Key } from './key-ring.ts';

const AUDIENCE = 'rackside:totp';

/**
 * Enrolled secrets as Redis holds them: JWE (RFC 7516) by A256GCM, bound to their user, so that
 * whoever can write to Redis cannot give one user's secret to another.
 */
export class TotpBox {
  readonly #keys: readonly Key[];

  constructor(keys: readonly Key[]) {
    this.#keys = keys;
  }

  seal(secret: string, user: string): Promise<string> {
    const [key] = this.#keys;
    if (!key) throw new Error('the key ring is empty');
    return new EncryptJWT({ secret })
      .setProtectedHeader({ alg: 'dir', enc: 'A256GCM', kid: key.id })
      .setAudience(AUDIENCE)
      .setSubject(user)
      .encrypt(key.secret);
  }

  /**
   * `old` tells that the first key is another one by now.
   *
   * @throws Error when the key is not configured any more, or the secret is another user's.
   */
  async open(sealed: string, user: string): Promise<{ secret: string; old: boolean }> {
    const { payload, protectedHeader } = await jwtDecrypt<{ secret: string }>(
      sealed,
      ({ kid }) => this.#key(kid),
      {
        keyManagementAlgorithms: ['dir'],
        contentEncryptionAlgorithms: ['A256GCM'],
        audience: AUDIENCE,
        subject: user,
      },
    );
    return { secret: payload.secret, old: protectedHeader.kid !== this.#keys[0]?.id };
  }

  #key(id: string | undefined): Uint8Array {
    const key = this.#keys.find((known) => known.id === id);
    if (!key)
      throw new Error(`a one-time code's secret needs the key ${id}, which is not configured`);
    return key.secret;
  }
}
