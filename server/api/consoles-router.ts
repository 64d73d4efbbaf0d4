import { Router } from 'express';
import type { ConsoleBearer } from '../auth/console-bearer.ts';
import type { Policy } from '../auth/policy.ts';
import type { Principal } from '../auth/principal.ts';
import type { CloseUrls } from '../close-calls/close-urls.ts';
import type { ConsoleConnector } from '../consoles/console-connector.ts';
import type { ConsoleEvents } from '../consoles/console-events.ts';
import type { ConsoleService } from '../consoles/console-service.ts';
import { viewOf } from '../consoles/console.ts';
import {
  type ConsoleAnswer,
  type CreatedConsole,
  type RedeemAnswer,
  type TokenAnswer,
  consoleQuery,
  createConsoleRequest,
  extendRequest,
  redeemRequest,
  tokenRequest,
} from '../contract/index.ts';
import { GatewayError } from '../errors.ts';
import type { Machine } from '../providers/provider.ts';
import type { ProviderRegistry } from '../providers/registry.ts';
import type { Access } from './access.ts';
import { streamConsoleEvents } from './console-stream.ts';
import { ageOf } from './console-age.ts';
import { consoleUrl } from './console-url.ts';
import { type Opening, notToOpen } from './opening.ts';
import { pageOf } from './pages.ts';
import { parse } from './parse.ts';
import { methodNotAllowed } from './problems.ts';
import { browserOf } from './session.ts';

export interface ConsolesRouterParts {
  readonly access: Access;
  readonly registry: ProviderRegistry;
  readonly consoles: ConsoleService;
  readonly connector: ConsoleConnector;
  readonly events: ConsoleEvents;
  readonly bearers: ConsoleBearer;
  readonly closeUrls: CloseUrls;
  readonly policy: Policy;
  readonly opening: Opening;
  /** Without a trailing slash. */
  readonly publicUrl: string;
}

/** Consoles: open, list, redeem, connect, watch, close. */
export function consolesRouter(parts: ConsolesRouterParts): Router {
  const { access, registry, consoles, connector, events, bearers, policy, opening } = parts;
  const { closeUrls, publicUrl } = parts;
  const router = Router();

  /** A customer is not told whether somebody else's machine is there. */
  async function findMachine(who: Principal, id: string, user: string): Promise<Machine> {
    const machine = policy.mayKnowOfAny(who) ? await registry.get(id) : await registry.find(id);
    if (!machine) throw notToOpen(who, id, user);
    return machine;
  }

  router.post('/', async (request, response) => {
    const who = access.principal(request);
    const wanted = parse(createConsoleRequest, request.body);
    const user = wanted.user ?? who.name;
    if (wanted.closeUrl !== undefined) {
      if (!policy.mayNameCloseUrl(who)) {
        throw new GatewayError('forbidden', `${who.name} may not name a closeUrl`);
      }
      closeUrls.assertCallable(wanted.closeUrl);
    }
    const machine = await findMachine(who, wanted.machine, user);
    const by = access.actor(request);
    const { record, launchKey } = await opening.open(who, by, { ...wanted, machine, user });
    const url = consoleUrl(publicUrl, record.id, launchKey);
    response.status(201).json({ ...viewOf(record), url } satisfies CreatedConsole);
  });

  router.get('/', async (request, response) => {
    const who = access.principal(request);
    const query = parse(consoleQuery, request.query);
    const open = (await consoles.listOpen()).filter((record) =>
      policy.mayOnConsole(who, 'list', record),
    );
    const byAge = open.toSorted((a, b) => (ageOf(a) < ageOf(b) ? -1 : 1));
    const { items, next } = pageOf(byAge, ageOf, query);
    response.json({ items: items.map(viewOf), next });
  });

  router.get('/:id', async (request, response) => {
    const record = await consoles.get(request.params.id);
    access.toConsole(request, record);
    response.json({ ...viewOf(record), viewer: null } satisfies ConsoleAnswer);
  });

  router.get('/:id/events', async (request, response) => {
    const record = await consoles.get(request.params.id);
    access.toConsole(request, record);
    await streamConsoleEvents(response, record.id, consoles, events);
  });

  router.delete('/:id', async (request, response) => {
    const record = await consoles.get(request.params.id);
    const how = access.toConsole(request, record, 'kill');
    const own = how === 'viewer' || access.principal(request).name === record.user;
    await consoles.close(record.id, own ? 'ended' : 'killed', access.actor(request, record));
    response.status(204).end();
  });

  router.post('/:id/redeem', access.requireSession);
  router.post('/:id/redeem', async (request, response) => {
    const { key } = parse(redeemRequest, request.body);
    const browser = browserOf(request, true) ?? '';
    const record = await consoles.redeem(request.params.id, key, browser, {
      ...access.actor(request),
      via: 'console',
    });
    response.json({
      bearer: bearers.issue(record.id, record.extendableUntil),
      expiresAt: new Date(record.expiresAt).toISOString(),
      serverTime: new Date().toISOString(),
      console: viewOf(record),
      viewer: null,
    } satisfies RedeemAnswer);
  });

  router.post('/:id/extend', async (request, response) => {
    const record = await consoles.get(request.params.id);
    const how = access.toConsole(request, record, 'extend');
    if (how === 'viewer' && !record.may.extend) {
      throw new GatewayError('forbidden', 'the policy does not let you extend this console');
    }
    const { seconds } = parse(extendRequest, request.body);
    const by = access.actor(request, record);
    response.json(viewOf(await consoles.extend(record.id, by, seconds)));
  });

  router.post('/:id/token', async (request, response) => {
    const record = await consoles.get(request.params.id);
    if (access.toConsole(request, record) !== 'viewer') {
      throw new GatewayError('forbidden', 'redeem the launch key of this console first');
    }
    const { token, expiresAt } = await connector.issueToken(
      record.id,
      parse(tokenRequest, request.body),
    );
    response.json({
      token,
      tunnel: `${publicUrl.replace(/^http/, 'ws')}/tunnel`,
      expiresAt: new Date(expiresAt).toISOString(),
    } satisfies TokenAnswer);
  });

  router.all('/', methodNotAllowed('GET', 'POST'));
  router.all('/:id', methodNotAllowed('GET', 'DELETE'));
  router.all('/:id/events', methodNotAllowed('GET'));
  router.all(['/:id/redeem', '/:id/extend', '/:id/token'], methodNotAllowed('POST'));
  return router;
}
