import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { childEnvironment } from '../../server/platform/child-process.ts';
import { logBook } from './log-book.ts';
import { ServerProcess } from './server-process.ts';
import { until } from './until.ts';
import type { UserAgent } from './user-agent.ts';

/** Claims of each person, by the name that they type at the provider. */
export type OidcPeople = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

export interface OidcPeer extends ServerProcess {
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: string;
}

/** The real `oidc-provider` in a process of its own; it wants PKCE and tells claims by userinfo. */
export async function startOidc(parts: {
  readonly people: OidcPeople;
  readonly redirectUris: readonly string[];
  /** By which name of this machine it is known; another one is another site. */
  readonly host?: 'localhost';
}): Promise<OidcPeer> {
  const issuerOf = (port: number): string => `http://${parts.host ?? '127.0.0.1'}:${port}`;
  const clientId = 'rackside';
  const clientSecret = logBook.secret(randomBytes(24).toString('base64url'));
  const client = {
    client_id: clientId,
    client_secret: clientSecret,
    redirect_uris: parts.redirectUris,
  };
  const server = await ServerProcess.start({
    name: 'oidc',
    spec: (port) => ({
      command: process.execPath,
      args: [join(import.meta.dirname, 'oidc-server.mjs')],
      env: childEnvironment(),
      stdin: JSON.stringify({
        ...{ port, issuer: issuerOf(port) },
        ...{ clients: [client], people: parts.people },
      }),
    }),
    ready: (_port, child) =>
      until(() => child.output().includes('the provider listens'), {
        timeout: 15_000,
        what: 'the provider to listen',
        child,
      }),
  });
  return Object.assign(server, {
    issuer: issuerOf(server.port),
    clientId,
    clientSecret,
  });
}

/**
 * Signs in at the provider as `person`, from the authorization URL on, and consents. Resolves to the
 * URL that the provider then sends the browser to, which is not followed.
 */
export async function signInAtProvider(
  browser: UserAgent,
  authorization: string,
  person: string,
): Promise<URL> {
  const home = new URL(authorization).origin;
  let at = await browser.follow(authorization, home);
  for (const prompt of ['login', 'consent']) {
    if (!at.html.includes(`name="prompt" value="${prompt}"`)) continue;
    const form = new URLSearchParams({ prompt, login: person, password: 'any' });
    at = await browser.follow(at.url.href, home, { method: 'POST', body: form });
  }
  if (at.url.origin === home) throw new Error(`stuck at ${at.url.pathname}: ${at.html}`);
  return at.url;
}
