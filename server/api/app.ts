import { join } from 'node:path';
import express, { type Express, type RequestHandler, Router } from 'express';
import type { Audit } from '../audit/audit.ts';
import type { Accounts } from '../auth/accounts.ts';
import { operations } from '../contract/operations/index.ts';
import { GatewayError } from '../errors.ts';
import type { Logger } from '../log.ts';
import { type ApprovalsRouterParts, approvalsRouter } from './approvals-router.ts';
import { type AuditRouterParts, auditRouter } from './audit-router.ts';
import { consoleFileRouter } from './console-file-router.ts';
import { type ConsolesRouterParts, consolesRouter } from './consoles-router.ts';
import { type OriginCheck, refuseCrossSite } from './cross-site.ts';
import { embeddingRouter } from './embedding-router.ts';
import { type EqRouterParts, eqRouter } from './eq-router.ts';
import { type LaunchRouterParts, launchRouter } from './launch-router.ts';
import { machinesRouter } from './machines-router.ts';
import { type OidcRouterParts, oidcRouter } from './oidc-router.ts';
import { openApiRouter } from './openapi/openapi-router.ts';
import { type OwnSessionsRouterParts, ownSessionsRouter } from './own-sessions-router.ts';
import { hardwareRouter } from './hardware-router.ts';
import { type HttpMetrics, countRequests } from './http-metrics.ts';
import { imageRouter } from './image-router.ts';
import { type MediaRouterParts, mediaRouter } from './media-router.ts';
import { type PowerRouterParts, powerRouter } from './power-router.ts';
import { notFound, problemHandler } from './problems.ts';
import { refuseUnasked } from './refuse-unasked.ts';
import { securityHeaders } from './security-headers.ts';
import { type SessionRouterParts, sessionRouter } from './session-router.ts';
import { sharesRouter } from './shares-router.ts';
import { syncRouter } from './sync-router.ts';
import { tellRefusals } from './tell-refusals.ts';
import { type TokenLinksRouterParts, tokenLinksRouter } from './token-links-router.ts';
import { type TotpRouterParts, totpRouter } from './totp-router.ts';
import { type UsersRouterParts, usersRouter } from './users-router.ts';
import { type TokensRouterParts, tokensRouter } from './tokens-router.ts';

export interface AppParts
  extends ConsolesRouterParts,
    ApprovalsRouterParts,
    TokensRouterParts,
    AuditRouterParts,
    PowerRouterParts,
    MediaRouterParts,
    LaunchRouterParts,
    EqRouterParts,
    TokenLinksRouterParts,
    OidcRouterParts,
    SessionRouterParts,
    TotpRouterParts,
    OwnSessionsRouterParts,
    UsersRouterParts {
  readonly accounts: Accounts;
  readonly audit: Audit;
  readonly health: Router;
  readonly metricsRouter: Router;
  readonly metrics: HttpMetrics;
  readonly origins: OriginCheck;
  readonly trustedProxies: readonly string[];
  /** Web origins whose pages may show consoles. */
  readonly portals: readonly string[];
  /** Folder of the built page. */
  readonly clientDir: string;
  readonly log: Logger;
}

const YEAR_MS = 365 * 86_400_000;

/** The Express application: API, health, metrics, page. */
export function createApp(parts: AppParts): Express {
  const app = express();
  app.disable('x-powered-by');
  app.set('trust proxy', [...parts.trustedProxies]);
  app.set('query parser', 'simple');
  app.use(securityHeaders(parts.publicUrl, parts.portals));
  app.use(countRequests(operations, parts.metrics));
  app.use(parts.health, parts.metricsRouter);
  app.use('/api/v1', apiRouter(parts));
  app.use(imageRouter(parts));
  app.use(launchRouter(parts));
  app.use(eqRouter(parts));
  app.use(tokenLinksRouter(parts));
  app.use(embeddingRouter(parts.clientDir, parts.portals));
  app.use(pageRouter(parts.clientDir));
  app.use(notFound);
  app.use(problemHandler(parts.log));
  return app;
}

function apiRouter(parts: AppParts): Router {
  const router = Router();
  router.use((_request, response, next) => {
    response.set('Cache-Control', 'no-store');
    next();
  });
  router.use(refuseCrossSite(parts.origins, parts.publicUrl));
  router.use(jsonOnly, express.json({ limit: '64kb' }));
  router.use(refuseUnasked(operations));
  router.use(openApiRouter(parts));
  router.use(parts.access.session, parts.access.apiToken);
  router.use(sessionRouter(parts));
  router.use(oidcRouter(parts));
  router.use('/me/totp', totpRouter(parts));
  router.use('/me/sessions', ownSessionsRouter(parts));
  router.use('/users', usersRouter(parts));
  router.use(powerRouter(parts));
  router.use(syncRouter(parts));
  router.use(hardwareRouter(parts));
  router.use(mediaRouter(parts));
  router.use(consoleFileRouter(parts));
  router.use('/machines', machinesRouter(parts));
  router.use('/tokens', tokensRouter(parts));
  router.use(approvalsRouter(parts));
  router.use('/consoles', sharesRouter(parts));
  router.use('/consoles', consolesRouter(parts));
  router.use('/audit', auditRouter(parts));
  router.use(tellRefusals(parts));
  return router;
}

/** A body of another type would be passed over silently, and a form can be sent across sites. */
const jsonOnly: RequestHandler = (request, _response, next) => {
  const { 'content-length': length = '0', 'transfer-encoding': chunked } = request.headers;
  const hasBody = Number(length) > 0 || chunked !== undefined;
  if (hasBody && !request.is('application/json')) {
    throw new GatewayError('unsupported_media_type', 'send the body as application/json');
  }
  next();
};

/** A mistyped address is answered to a browser with a page in words; to a program as ever. */
function pageInWords(page: RequestHandler): RequestHandler {
  return (request, response, next) => {
    if (request.accepts(['json', 'html']) !== 'html') return next();
    response.status(404);
    return page(request, response, next);
  };
}

/** The page: one HTML for every route of its own, hashed assets for ever. */
function pageRouter(clientDir: string): Router {
  const router = Router();
  const assets = express.static(join(clientDir, 'assets'), {
    fallthrough: false,
    immutable: true,
    maxAge: YEAR_MS,
  });
  const page: RequestHandler = (_request, response) => {
    response.set('Cache-Control', 'no-cache');
    response.sendFile('index.html', { root: clientDir, cacheControl: false });
  };
  router.use('/assets', assets);
  router.get(['/', '/account', '/audit'], page);
  router.get('/console/:id', page);
  router.get('/refused', page);
  router.get('/api/docs', page);
  router.use(express.static(clientDir, { index: false, maxAge: '1h' }));
  router.get(/^(?!\/api(\/|$))/, pageInWords(page));
  return router;
}
