import { createHash, createHmac, pbkdf2Sync, randomBytes, timingSafeEqual } from 'node:crypto';
import { GatewayError } from '../errors.ts';

export const SCRAM = 'SCRAM-SHA-256';
const BYTES = 32;
/** More rounds than any server asks for would only keep this process busy. */
const MOST_ROUNDS = 600_000;
/** No channel binding. */
const GS2_HEADER = 'n,,';

/** The client's side of SCRAM-SHA-256 (RFC 5802, RFC 7677) for one sign-in. */
export class ScramClient {
  readonly #password: string;
  readonly #nonce: string;
  readonly #firstBare: string;
  #serverSignature: Buffer | undefined;

  constructor(
    { username, password }: { readonly username: string; readonly password: string },
    nonce = randomBytes(18).toString('base64'),
  ) {
    this.#password = password;
    this.#nonce = nonce;
    this.#firstBare = `n=${username.replaceAll('=', '=3D').replaceAll(',', '=2C')},r=${nonce}`;
  }

  /** The client's first message. */
  first(): string {
    return GS2_HEADER + this.#firstBare;
  }

  /** The client's proof, for the server's first message. @throws GatewayError `target_refused` */
  final(serverFirst: string): string {
    const { r: nonce = '', s: salt = '', i: rounds = '' } = attributes(serverFirst);
    const iterations = Number(rounds);
    const known = nonce.startsWith(this.#nonce) && nonce.length > this.#nonce.length;
    if (!known || salt === '' || !(iterations >= 1 && iterations <= MOST_ROUNDS)) {
      throw new GatewayError('target_refused', 'the server sends a SCRAM challenge that is none');
    }
    const salted = pbkdf2Sync(
      this.#password.normalize('NFKC'),
      Buffer.from(salt, 'base64'),
      iterations,
      BYTES,
      'sha256',
    );
    const clientKey = hmac(salted, 'Client Key');
    const storedKey = createHash('sha256').update(clientKey).digest();
    const withoutProof = `c=${Buffer.from(GS2_HEADER).toString('base64')},r=${nonce}`;
    const authMessage = `${this.#firstBare},${serverFirst},${withoutProof}`;
    const signature = hmac(storedKey, authMessage);
    const proof = clientKey.map((byte, index) => byte ^ (signature[index] ?? 0));
    this.#serverSignature = hmac(hmac(salted, 'Server Key'), authMessage);
    return `${withoutProof},p=${Buffer.from(proof).toString('base64')}`;
  }

  /** @throws GatewayError unless the server has shown that it knows the password too. */
  verify(serverFinal: string): void {
    const { v = '' } = attributes(serverFinal);
    const shown = Buffer.from(v, 'base64');
    const expected = this.#serverSignature ?? Buffer.alloc(0);
    if (shown.length !== BYTES || expected.length !== BYTES || !timingSafeEqual(shown, expected)) {
      throw new GatewayError(
        'target_credentials_refused',
        'the server does not accept the password',
      );
    }
  }
}

function hmac(key: Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}

function attributes(message: string): Record<string, string> {
  const pairs = message.split(',').map((part) => [part.slice(0, 1), part.slice(2)] as const);
  return Object.fromEntries(pairs);
}
