import * as oidc from 'openid-client';
import { Agent, fetch as fetchBy } from 'undici';
import type { OidcConfig } from '../../config/oidc.ts';
import { GatewayError } from '../../errors.ts';
import { textsOf, valueOf } from './claims.ts';
import type { RemotePerson, SourceRef } from './remote-identity.ts';

/** What the browser's session keeps while its person is at the provider. */
export interface PendingSignIn {
  /** Id of the source. */
  readonly source: string;
  readonly state: string;
  readonly nonce: string;
  readonly verifier: string;
}

/** Milliseconds after which the provider's metadata is read again. */
const METADATA_MS = 3_600_000;
/** Seconds by which the provider's clock may be off. */
const CLOCK_TOLERANCE = 30;

/**
 * An OpenID Connect provider: authorization code flow with PKCE, state and nonce, the ID token's
 * signature checked. The only importer of openid-client.
 */
export class OidcProvider {
  readonly ref: SourceRef;
  /** For people. */
  readonly name: string;
  readonly #config: OidcConfig;
  readonly #redirectUri: string;
  readonly #now: () => number;
  #known: { readonly metadata: Promise<oidc.Configuration>; readonly until: number } | undefined;

  constructor(config: OidcConfig, parts: { redirectUri: string; now: () => number }) {
    this.ref = { type: 'oidc', id: config.id };
    this.name = config.name ?? config.id;
    this.#config = config;
    this.#redirectUri = parts.redirectUri;
    this.#now = parts.now;
  }

  /**
   * Where to send a browser, and what its session has to keep for `finish`.
   *
   * @throws GatewayError `sign_in_unavailable`
   */
  async begin(): Promise<{ url: string; pending: PendingSignIn }> {
    const metadata = await this.#metadata();
    const state = oidc.randomState();
    const nonce = oidc.randomNonce();
    const verifier = oidc.randomPKCECodeVerifier();
    const url = oidc.buildAuthorizationUrl(metadata, {
      redirect_uri: this.#redirectUri,
      scope: [...new Set(['openid', ...this.#config.scopes])].join(' '),
      state,
      nonce,
      code_challenge: await oidc.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
    });
    return { url: url.href, pending: { source: this.ref.id, state, nonce, verifier } };
  }

  /**
   * Who came back, by the query of the URL that the provider sent the browser to.
   *
   * @throws GatewayError `sign_in_failed` when the answer does not hold, `sign_in_unavailable`
   */
  async finish(query: string, pending: PendingSignIn): Promise<RemotePerson> {
    const metadata = await this.#metadata();
    try {
      const tokens = await oidc.authorizationCodeGrant(
        metadata,
        new URL(`${this.#redirectUri}${query}`),
        {
          expectedState: pending.state,
          expectedNonce: pending.nonce,
          pkceCodeVerifier: pending.verifier,
          idTokenExpected: true,
        },
      );
      return this.#personOf(await this.#claimsOf(metadata, tokens));
    } catch (error) {
      throw this.#failure(error);
    }
  }

  /** Reads the provider's metadata anew. @throws what is wrong with it. */
  async examine(): Promise<void> {
    await this.#discover();
  }

  /** Those of the ID token, and of the userinfo where that says more. */
  async #claimsOf(
    metadata: oidc.Configuration,
    tokens: Awaited<ReturnType<typeof oidc.authorizationCodeGrant>>,
  ): Promise<Record<string, unknown>> {
    const claims = tokens.claims() ?? { sub: '' };
    const { nameClaim, groupsClaim } = this.#config;
    const complete = [nameClaim, groupsClaim].every((key) => valueOf(claims, key) !== undefined);
    if (complete || metadata.serverMetadata().userinfo_endpoint === undefined) return claims;
    return { ...(await oidc.fetchUserInfo(metadata, tokens.access_token, claims.sub)), ...claims };
  }

  #personOf(claims: Record<string, unknown>): RemotePerson {
    const { nameClaim, groupsClaim } = this.#config;
    const name = valueOf(claims, nameClaim);
    // Whoever may write any address into their own profile could take anybody's name.
    const proven = nameClaim !== 'email' || claims['email_verified'] === true;
    const { iss, sub } = claims;
    return {
      // OpenID Connect Core 1.0 section 2: the two together are one person's, and never another's.
      subject: typeof iss === 'string' && typeof sub === 'string' ? `${iss} ${sub}` : null,
      name: proven && typeof name === 'string' ? name : '',
      groups: textsOf(valueOf(claims, groupsClaim)),
    };
  }

  async #metadata(): Promise<oidc.Configuration> {
    const now = this.#now();
    if (!this.#known || now >= this.#known.until) {
      this.#known = { metadata: this.#discover(), until: now + METADATA_MS };
    }
    const { metadata } = this.#known;
    try {
      return await metadata;
    } catch (error) {
      // Not kept: the next sign-in asks again.
      if (this.#known?.metadata === metadata) this.#known = undefined;
      const message = `oidc ${this.ref.id} cannot be asked: ${reasonOf(error)}`;
      throw new GatewayError('sign_in_unavailable', message);
    }
  }

  #discover(): Promise<oidc.Configuration> {
    const { issuer, clientId, clientSecret, ca, timeout } = this.#config;
    const execute = [oidc.enableNonRepudiationChecks];
    // The configuration takes http on loopback alone.
    if (issuer.protocol === 'http:') execute.push(oidc.allowInsecureRequests);
    return oidc.discovery(
      issuer,
      clientId,
      { [oidc.clockTolerance]: CLOCK_TOLERANCE },
      clientSecret ? bySecret(clientSecret.reveal()) : oidc.None(),
      { execute, timeout, ...(ca ? { [oidc.customFetch]: fetchTrusting(ca) } : {}) },
    );
  }

  /** The provider's fault or the answer's; without the cause, which may hold tokens. */
  #failure(error: unknown): GatewayError {
    const status = isOutage(error) ? 'sign_in_unavailable' : 'sign_in_failed';
    return new GatewayError(status, `oidc ${this.ref.id}: ${reasonOf(error)}`);
  }
}

/** As the provider takes it; HTTP Basic where it does not say (OpenID Connect Discovery 1.0). */
function bySecret(secret: string): oidc.ClientAuth {
  const [basic, post] = [oidc.ClientSecretBasic(secret), oidc.ClientSecretPost(secret)];
  return (server, ...rest) => {
    const methods = server.token_endpoint_auth_methods_supported ?? ['client_secret_basic'];
    return (methods.includes('client_secret_basic') ? basic : post)(server, ...rest);
  };
}

function fetchTrusting(ca: string): oidc.CustomFetch {
  const dispatcher = new Agent({ connect: { ca } });
  return async (url, options) => {
    const request = { ...options, dispatcher } as Parameters<typeof fetchBy>[1];
    const response: object = await fetchBy(url, request);
    return response as Response;
  };
}

function isOutage(error: unknown): boolean {
  if (error instanceof oidc.ResponseBodyError) return error.status >= 500;
  if (error instanceof oidc.ClientError) {
    return ['OAUTH_TIMEOUT', 'OAUTH_RESPONSE_IS_NOT_CONFORM'].includes(error.code ?? '');
  }
  // What fetch throws for a network that is not there.
  return error instanceof TypeError;
}

/** For the log, and never the tokens that the libraries' errors carry with them. */
export function reasonOf(error: unknown): string {
  if (error instanceof oidc.AuthorizationResponseError || error instanceof oidc.ResponseBodyError) {
    return `the provider says ${error.error.slice(0, 64)}`;
  }
  if (!(error instanceof Error)) return 'an unknown error';
  const { cause } = error;
  const code = cause instanceof Error ? (cause as NodeJS.ErrnoException).code : undefined;
  return [error.message, code].filter(Boolean).join(', ');
}
