import { once } from 'node:events';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { type JWTPayload, SignJWT, exportJWK, generateKeyPair } from 'jose';
import { makeCertificate } from '../support/certificate.ts';
import { logBook } from '../support/log-book.ts';

export interface IdToken {
  readonly claims: JWTPayload;
  readonly alg: string;
  /** Whose signature: the provider's own key, or one that nobody knows. */
  readonly signedBy: 'provider' | 'stranger' | 'nobody';
}

/**
 * A provider whose ID tokens can be anything, which no real one would do. Everything else is as the
 * specifications have it; it speaks TLS with a certificate of its own.
 */
export class ForgingOidc {
  readonly issuer: string;
  readonly ca: string;
  /** What becomes of the next token, from a good one. */
  forge: (good: IdToken) => IdToken = (good) => good;
  /** Of the authorization request that the next token answers. */
  nonce = '';
  readonly #stop: () => unknown;

  private constructor(issuer: string, ca: string, stop: () => unknown) {
    this.issuer = issuer;
    this.ca = ca;
    this.#stop = stop;
  }

  static async start(): Promise<ForgingOidc> {
    const { key, cert } = await makeCertificate();
    const [own, strange] = await Promise.all([generateKeyPair('RS256'), generateKeyPair('RS256')]);
    const jwk = { ...(await exportJWK(own.publicKey)), kid: 'one', alg: 'RS256', use: 'sig' };
    const server = createServer({ key, cert }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const issuer = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const oidc = new ForgingOidc(issuer, cert, () => {
      server.closeAllConnections();
      server.close();
    });
    const answers: Record<string, () => unknown> = {
      '/.well-known/openid-configuration': () => ({
        issuer,
        authorization_endpoint: `${issuer}/auth`,
        token_endpoint: `${issuer}/token`,
        jwks_uri: `${issuer}/jwks`,
        response_types_supported: ['code'],
        subject_types_supported: ['public'],
        id_token_signing_alg_values_supported: ['RS256', 'none'],
      }),
      '/jwks': () => ({ keys: [jwk] }),
      '/token': async () => ({
        access_token: logBook.secret('an access token'),
        token_type: 'Bearer',
        id_token: await oidc.#token(own.privateKey, strange.privateKey),
      }),
    };
    server.on('request', (request, response) => {
      void (async () => {
        const answer = await answers[request.url ?? '']?.();
        response.writeHead(answer ? 200 : 404, { 'content-type': 'application/json' });
        response.end(JSON.stringify(answer ?? {}));
      })();
    });
    return oidc;
  }

  stop(): void {
    this.#stop();
  }

  async #token(own: CryptoKey, strange: CryptoKey): Promise<string> {
    const now = Math.floor(Date.now() / 1000);
    const { claims, alg, signedBy } = this.forge({
      claims: {
        iss: this.issuer,
        aud: 'rackside',
        sub: '1',
        iat: now,
        exp: now + 60,
        nonce: this.nonce,
        preferred_username: 'anna',
        groups: [],
      },
      alg: 'RS256',
      signedBy: 'provider',
    });
    if (signedBy === 'nobody') {
      const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
      return `${part({ alg })}.${part(claims)}.`;
    }
    const key = signedBy === 'provider' ? own : strange;
    return new SignJWT(claims).setProtectedHeader({ alg, kid: 'one' }).sign(key);
  }
}
