import { type ErrorRequestHandler, Router } from 'express';
import type { LaunchLinks } from '../auth/launch-links.ts';
import type { CloseUrls } from '../close-calls/close-urls.ts';
import type { ConsoleService } from '../consoles/console-service.ts';
import { launchClaims } from '../contract/index.ts';
import type { Logger } from '../log.ts';
import type { ProviderRegistry } from '../providers/registry.ts';
import { consoleUrl } from './console-url.ts';
import { parse } from './parse.ts';
import { gatewayErrorOf, logFailure, methodNotAllowed } from './problems.ts';

export interface LaunchRouterParts {
  readonly launchLinks: LaunchLinks;
  readonly closeUrls: CloseUrls;
  readonly registry: ProviderRegistry;
  readonly consoles: ConsoleService;
  /** Without a trailing slash. */
  readonly publicUrl: string;
  readonly log: Logger;
}

/**
 * `GET /launch?jwt=…`: one click in a portal, and a console. The portal's signature is the right to
 * open: like a token of staff it vouches for any machine and any user.
 */
export function launchRouter(parts: LaunchRouterParts): Router {
  const { launchLinks, closeUrls, registry, consoles, publicUrl, log } = parts;
  const router = Router();

  router.use('/launch', (_request, response, next) => {
    response.set({ 'Cache-Control': 'no-store', 'Referrer-Policy': 'no-referrer' });
    next();
  });

  // Express would answer HEAD by the GET below, and whoever only looks would use the link up.
  router.head('/launch', methodNotAllowed('GET'));
  router.get('/launch', async (request, response) => {
    const claims = parse(launchClaims, await launchLinks.verify(request.query['jwt']));
    if (claims.closeUrl !== undefined) closeUrls.assertCallable(claims.closeUrl);
    const machine = await registry.get(claims.machine);
    // Last of all, so that a link whose machine is not there yet can be followed again.
    await launchLinks.use(claims);
    const { kind, readOnly, sub: user, closeUrl } = claims;
    const { record, launchKey } = await consoles.open(
      { machine, kind, readOnly, user, closeUrl },
      { who: user, via: 'launch', from: request.ip ?? null },
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
    if (request.accepts(['json', 'html']) !== 'html') return next(error);
    logFailure(log, request, error);
    return response.redirect(303, `${publicUrl}/refused#${code}`);
  };
  router.use('/launch', refusal);
  return router;
}
