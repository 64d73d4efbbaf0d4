import { type ErrorRequestHandler, type Response, Router } from 'express';
import type { Audit } from '../audit/audit.ts';
import type { Accounts } from '../auth/accounts.ts';
import type { LaunchLinks } from '../auth/launch-links.ts';
import type { CloseUrls } from '../close-calls/close-urls.ts';
import { type LaunchClaims, launchClaims } from '../contract/index.ts';
import type { Logger } from '../log.ts';
import { consoleUrl } from './console-url.ts';
import type { Opening } from './opening.ts';
import type { MachineLookup } from './machine-lookup.ts';
import { parse } from './parse.ts';
import { gatewayErrorOf, logFailure, methodNotAllowed } from './problems.ts';
import { isRefusal } from './tell-refusals.ts';

export interface LaunchRouterParts {
  readonly launchLinks: LaunchLinks;
  readonly closeUrls: CloseUrls;
  readonly lookup: MachineLookup;
  readonly opening: Opening;
  readonly audit: Audit;
  readonly accounts: Pick<Accounts, 'user'>;
  /** Without a trailing slash. */
  readonly publicUrl: string;
  readonly log: Logger;
}

/**
 * `GET /launch?jwt=…`: one click in a portal, and a console. The portal's signature is the right to
 * open: it vouches that this user may use this machine. The policy's rules count all the same.
 */
export function launchRouter(parts: LaunchRouterParts): Router {
  const { launchLinks, closeUrls, lookup, opening, accounts, publicUrl, log } = parts;
  const router = Router();

  router.use('/launch', (_request, response, next) => {
    response.set({ 'Cache-Control': 'no-store', 'Referrer-Policy': 'no-referrer' });
    next();
  });

  // Express would answer HEAD by the GET below, and whoever only looks would use the link up.
  router.head('/launch', methodNotAllowed('GET'));
  router.get('/launch', async (request, response) => {
    const claims = parse(launchClaims, await launchLinks.verify(request.query['jwt']));
    response.locals[VERIFIED] = claims;
    if (claims.closeUrl !== undefined) closeUrls.assertCallable(claims.closeUrl);
    const { kind, readOnly, purpose, sub: user, closeUrl } = claims;
    const role = accounts.user(user)?.role ?? 'customer';
    const who = { name: user, role, via: 'launch', machines: ['*'], scope: null } as const;
    const machine = await lookup.any(who, claims.machine);
    // Last of all, so that a link whose machine is not there yet can be followed again.
    await launchLinks.use(claims);
    const { record, launchKey } = await opening.open(
      who,
      { who: user, via: 'launch', from: request.ip ?? null },
      { machine, kind, readOnly, purpose, user, closeUrl, openedBy: claims.iss },
    );
    log.info({ consoleId: record.id, issuer: claims.iss, user }, 'launch link followed');
    response.redirect(303, consoleUrl(publicUrl, record.id, launchKey));
  });
  router.all('/launch', methodNotAllowed('GET'));

  /** A person sees a page that says it in words; the code travels in the fragment. */
  const refusal: ErrorRequestHandler = (thrown: unknown, request, response, next) => {
    const error = gatewayErrorOf(thrown);
    const { status: code, message: reason } = error;
    log.warn({ code, reason, address: request.ip }, 'launch link refused');
    if (isRefusal(code)) {
      const claims = verifiedOf(response);
      parts.audit.write({
        action: 'open',
        who: claims?.sub ?? null,
        via: 'launch',
        from: request.ip ?? null,
        machine: claims?.machine ?? null,
        console: null,
        result: code,
        detail: reason,
      });
    }
    if (request.accepts(['json', 'html']) !== 'html') return next(error);
    logFailure(log, request, error);
    // What a portal's developer has to mend; the claims are signed, so the name is the portal's.
    const claim = code === 'invalid_request' ? error.errors?.[0]?.path : undefined;
    return response.redirect(
      303,
      `${publicUrl}/refused#${code}${claim ? `:${encodeURIComponent(claim)}` : ''}`,
    );
  };
  router.use('/launch', refusal);
  return router;
}

/** Under which the answer keeps what a portal has signed. */
const VERIFIED = 'verified launch claims';

function verifiedOf({ locals }: Response): LaunchClaims | undefined {
  return locals[VERIFIED] as LaunchClaims | undefined;
}
