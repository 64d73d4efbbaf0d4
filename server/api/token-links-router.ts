import { type ErrorRequestHandler, type RequestHandler, type Response, Router } from 'express';
import type { Audit } from '../audit/audit.ts';
import type { TokenLinks } from '../auth/token-links.ts';
import { type TokenLinkQuery, tokenLinkQuery } from '../contract/index.ts';
import type { Logger } from '../log.ts';
import type { ProviderRegistry } from '../providers/registry.ts';
import { consoleUrl } from './console-url.ts';
import type { Opening } from './opening.ts';
import { parse } from './parse.ts';
import { gatewayErrorOf, logFailure, methodNotAllowed } from './problems.ts';
import { addressOf } from './signed-in.ts';
import { isRefusal } from './tell-refusals.ts';

export interface TokenLinksRouterParts {
  readonly tokenLinks: TokenLinks;
  readonly registry: ProviderRegistry;
  readonly opening: Opening;
  readonly audit: Audit;
  /** Without a trailing slash. */
  readonly publicUrl: string;
  readonly log: Logger;
}

/** noVNC's pages, and websockify's own root with a token. */
const PAGES = ['/vnc.html', '/vnc_auto.html', '/vnc_lite.html'];

/**
 * Pages that have led to noVNC with a token of websockify's lead to us: a GET opens a console of the
 * token's machine. Where no provider has such links, nothing.
 */
export function tokenLinksRouter(parts: TokenLinksRouterParts): Router {
  const { tokenLinks, registry, opening, audit, publicUrl, log } = parts;
  const router = Router();
  if (!registry.hasLinks) return router;

  const follow: RequestHandler = async (request, response) => {
    response.set({ 'Cache-Control': 'no-store', 'Referrer-Policy': 'no-referrer' });
    const query = parse(tokenLinkQuery, request.query);
    const { machine, links } = await tokenLinks.follow(tokenOf(query), addressOf(request));
    const { user } = links;
    response.locals[LINKED] = machine.id;
    const readOnly = links.readOnly || isTrue(query.view_only);
    const { record, launchKey } = await opening.open(
      { name: user, role: 'customer', via: 'launch', machines: [machine.id], scope: null },
      { who: user, via: 'launch', from: request.ip ?? null },
      { machine, kind: 'vnc', user, ...(readOnly && { readOnly }) },
    );
    log.info({ consoleId: record.id, machine: machine.id, user }, 'token link followed');
    response.redirect(303, consoleUrl(publicUrl, record.id, launchKey));
  };

  // Express would answer HEAD by the GET below, and whoever only looks would open a console.
  router.head(PAGES, methodNotAllowed('GET'));
  router.get(PAGES, follow);
  router.all(PAGES, methodNotAllowed('GET'));
  router.get('/', (request, response, next) =>
    request.query['token'] === undefined ? next() : follow(request, response, next),
  );

  const refusal: ErrorRequestHandler = (thrown: unknown, request, response, next) => {
    const error = gatewayErrorOf(thrown);
    const { status: code, message: reason } = error;
    log.warn({ code, reason, address: request.ip }, 'token link refused');
    if (isRefusal(code)) {
      audit.write({
        ...{ action: 'open', who: null, via: 'launch', from: request.ip ?? null },
        ...{ machine: linkedOf(response), console: null, result: code, detail: reason },
      });
    }
    if (request.accepts(['json', 'html']) !== 'html') return next(error);
    logFailure(log, request, error);
    return response.redirect(303, `${publicUrl}/refused#${code}`);
  };
  router.use([...PAGES, '/'], refusal);
  return router;
}

/** Under which the answer keeps the machine that a token has opened. */
const LINKED = 'linked machine';

function linkedOf({ locals }: Response): string | null {
  return (locals[LINKED] as string | undefined) ?? null;
}

/** Empty where there is none: no machine's token is. */
function tokenOf({ token, path = '' }: TokenLinkQuery): string {
  if (token !== undefined) return token;
  const query = path.indexOf('?');
  return (query < 0 ? null : new URLSearchParams(path.slice(query)).get('token')) ?? '';
}

function isTrue(text: string | undefined): boolean {
  return text !== undefined && ['1', 'true', 'yes', ''].includes(text.toLowerCase());
}
