import { type ErrorRequestHandler, type Request, Router } from 'express';
import type { Audit } from '../audit/audit.ts';
import type { OidcProvider, PendingSignIn } from '../auth/remote/oidc-provider.ts';
import { sourceName } from '../auth/remote/remote-identity.ts';
import type { RemoteUsers } from '../auth/remote/remote-users.ts';
import type { SignInMethods } from '../contract/index.ts';
import { GatewayError } from '../errors.ts';
import type { Logger } from '../log.ts';
import { callerOf } from '../platform/client-address.ts';
import type { SingleUse } from '../platform/single-use.ts';
import type { TryLimit } from '../platform/try-limit.ts';
import type { Access } from './access.ts';
import { auditFrom } from './audit-from.ts';
import { gatewayErrorOf, logFailure, methodNotAllowed } from './problems.ts';
import { holderOf, saveSession } from './session.ts';
import { type SignedIn, addressOf } from './signed-in.ts';

declare module 'express-session' {
  interface SessionData {
    /** People of this browser who are at a provider now: one a tab, the oldest first. */
    signIns?: (PendingSignIn & { readonly until: number })[];
  }
}

/** Milliseconds for which somebody may be at the provider. */
const PENDING_MS = 600_000;
/** Longest name that is written down of who is not let in. */
const NAME_LENGTH = 128;
/** How many may be pending in one browser. */
const PENDING = 5;

export interface OidcRouterParts {
  readonly access: Access;
  readonly audit: Audit;
  readonly log: Logger;
  readonly now: () => number;
  readonly oidcProviders: readonly OidcProvider[];
  /** Of sign-ins that were begun, by address: each is kept for a while. */
  readonly oidcBegins: TryLimit;
  /** Without a trailing slash. */
  readonly publicUrl: string;
  readonly remoteUsers: RemoteUsers;
  readonly signedIn: SignedIn;
  readonly singleUse: SingleUse;
  readonly takesPasswords: boolean;
}

/** Signing in at an OpenID Connect provider, and which ways to sign in there are. */
export function oidcRouter(parts: OidcRouterParts): Router {
  const { access, audit, log, now, oidcProviders, publicUrl, remoteUsers, signedIn, singleUse } =
    parts;
  const router = Router();

  router.get('/sign-in', (_request, response) => {
    const oidc = oidcProviders.map(({ ref: { id }, name }) => {
      // The cookie that the provider's answer needs is publicUrl's.
      return { id, name, url: `${publicUrl}/api/v1/login/oidc/${id}` };
    });
    response.json({ password: parts.takesPasswords, oidc } satisfies SignInMethods);
  });
  router.all('/sign-in', methodNotAllowed('GET'));

  const paths = ['/login/oidc/:id', '/login/oidc/:id/callback'];
  // Express would answer HEAD by GET, and whoever only looks would use a sign-in up.
  router.head(paths, methodNotAllowed('GET'));
  router.get(paths, access.requireSession);

  router.get('/login/oidc/:id', async (request, response) => {
    const provider = providerOf(request);
    await parts.oidcBegins.take(callerOf(addressOf(request)), 'too many sign-ins begun from here');
    const { url, pending } = await provider.begin();
    const others = (request.session.signIns ?? []).filter(({ until }) => until > now());
    const entry = { ...pending, until: now() + PENDING_MS };
    request.session.signIns = [...others.slice(1 - PENDING), entry];
    await saveSession(request);
    response.redirect(303, url);
  });

  router.get('/login/oidc/:id/callback', async (request, response) => {
    const provider = providerOf(request);
    const detail = sourceName(provider.ref);
    const entry = { ...auditFrom(request), action: 'login', detail } as const;
    let who: string | null = null;
    try {
      const pending = await take(request, provider.ref.id);
      const { search } = new URL(request.originalUrl, publicUrl);
      const person = await provider.finish(search, pending);
      who = person.name.slice(0, NAME_LENGTH);
      const principal = await remoteUsers.admit(provider.ref, person);
      who = principal.name;
      await signedIn.begin(request, holderOf(principal), false);
      await saveSession(request);
      await parts.oidcBegins.giveBack(callerOf(addressOf(request)));
    } catch (error) {
      audit.write({ ...entry, who, result: gatewayErrorOf(error).status });
      throw error;
    }
    audit.write({ ...entry, who, result: 'ok' });
    log.info({ user: who, address: request.ip }, 'signed in');
    response.redirect(303, `${publicUrl}/`);
  });
  router.all(paths, methodNotAllowed('GET'));

  /** What this browser began, which can be taken once, on whichever replica. */
  async function take(request: Request, source: string): Promise<PendingSignIn> {
    const known = request.session.signIns ?? [];
    const { state } = request.query;
    const found = known.find((one) => one.source === source && one.state === state);
    if (!found) {
      throw new GatewayError('sign_in_expired', 'this browser has begun no such sign-in');
    }
    request.session.signIns = known.filter((one) => one !== found);
    await saveSession(request);
    if (found.until > now() && (await singleUse.use(`oidc:${found.state}`, found.until)))
      return found;
    throw new GatewayError('sign_in_expired', 'this sign-in took too long, or was used');
  }

  function providerOf({ params: { id } }: Request): OidcProvider {
    const found = oidcProviders.find(({ ref }) => ref.id === id);
    if (!found) throw new GatewayError('not_found', 'there is no such provider to sign in with');
    return found;
  }

  /** A person sees a page that says it in words; the code travels in the fragment. */
  const refusal: ErrorRequestHandler = (thrown: unknown, request, response, next) => {
    const error = gatewayErrorOf(thrown);
    const { status: code, message: reason } = error;
    log.warn({ code, reason, address: request.ip }, 'sign-in refused');
    const follows = request.method === 'GET' && request.accepts(['json', 'html']) === 'html';
    if (!follows) return next(error);
    logFailure(log, request, error);
    return response.redirect(303, `${publicUrl}/refused?sign-in#${code}`);
  };
  router.use('/login/oidc', refusal);
  return router;
}
