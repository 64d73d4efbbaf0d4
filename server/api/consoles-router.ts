import { type Request, Router } from 'express';
import type { ConsoleBearer } from '../auth/console-bearer.ts';
import type { Policy } from '../auth/policy.ts';
import type { Principal } from '../auth/principal.ts';
import type { CloseUrls } from '../close-calls/close-urls.ts';
import { ageOf } from '../consoles/console-age.ts';
import type { ConsoleConnector } from '../consoles/console-connector.ts';
import type { ConsoleEvents } from '../consoles/console-events.ts';
import type { ConsoleService } from '../consoles/console-service.ts';
import { type ConsoleSharing, workingShare } from '../consoles/console-sharing.ts';
import { type ConsoleRecord, viewOf } from '../consoles/console.ts';
import { ownEndOf, shareOf } from '../consoles/sharing.ts';
import {
  type ConsoleAnswer,
  type ConsoleList,
  type CreatedConsole,
  type RedeemAnswer,
  type TokenAnswer,
  type ViewerSelf,
  consoleQuery,
  createConsoleRequest,
  extendRequest,
  redeemRequest,
  tokenRequest,
} from '../contract/index.ts';
import { GatewayError, toGatewayError } from '../errors.ts';
import { callerOf } from '../platform/client-address.ts';
import type { TryLimit } from '../platform/try-limit.ts';
import type { Machine } from '../providers/provider.ts';
import type { Access, ConsoleAccess } from './access.ts';
import type { ConsoleCookie } from './console-cookie.ts';
import { streamConsoleEvents } from './console-stream.ts';
import { consoleUrl } from './console-url.ts';
import { type Opening, notToOpen } from './opening.ts';
import { listedFor } from './listed-console.ts';
import type { MachineLookup } from './machine-lookup.ts';
import { afterOf, pageOf } from './pages.ts';
import { parse } from './parse.ts';
import { methodNotAllowed } from './problems.ts';
import { addressOf } from './signed-in.ts';
import { StreamPlaces } from './stream-places.ts';

export interface ConsolesRouterParts {
  readonly access: Access;
  readonly lookup: MachineLookup;
  readonly consoles: ConsoleService;
  readonly sharing: ConsoleSharing;
  readonly connector: ConsoleConnector;
  readonly events: ConsoleEvents;
  readonly bearers: ConsoleBearer;
  readonly consoleCookie: ConsoleCookie;
  /** Of wrong launch keys, by address. */
  readonly keyTries: Pick<TryLimit, 'take'>;
  readonly closeUrls: CloseUrls;
  readonly policy: Policy;
  readonly opening: Opening;
  /** Without a trailing slash. */
  readonly publicUrl: string;
  readonly now: () => number;
}

/** Consoles: open, list, redeem, connect, watch, close. */
export function consolesRouter(parts: ConsolesRouterParts): Router {
  const { access, lookup, consoles, sharing, connector, bearers, policy } = parts;
  const { opening, closeUrls, consoleCookie, keyTries, publicUrl } = parts;
  const router = Router();
  const streams = new StreamPlaces();

  /** A customer is not told whether somebody else's machine is there. */
  async function findMachine(who: Principal, id: string, user: string): Promise<Machine> {
    if (policy.mayKnowOfAny(who)) return lookup.any(who, id);
    const may = (found: Machine): boolean => policy.mayOnMachine(who, 'open', found);
    const machine = await lookup.find(who, id, may);
    if (!machine) throw notToOpen(who, id, user);
    return machine;
  }

  /** A right key is taken whoever tries others from its address: it cannot be guessed. */
  async function countWrongKey(request: Request, error: unknown): Promise<void> {
    if (toGatewayError(error).status !== 'launch_key_invalid') return;
    await keyTries.take(callerOf(addressOf(request)), 'too many wrong launch keys from here');
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
    const signIn = request.session?.signedIn?.id;
    const { record, launchKey } = await opening.open(who, by, { ...wanted, machine, user, signIn });
    const url = consoleUrl(publicUrl, record.id, launchKey);
    response.status(201).json({ ...viewOf(record), url } satisfies CreatedConsole);
  });

  router.get('/', async (request, response) => {
    const who = access.principal(request);
    const query = parse(consoleQuery, request.query);
    const open = await consoles.listOpen({
      name: query.user ?? policy.onlyOwner(who),
      after: afterOf(query.cursor),
      matches: (record) =>
        record.user === (query.user ?? record.user) && policy.mayOnConsole(who, 'list', record),
      limit: query.limit + 1,
    });
    const { items, next } = pageOf(open, ageOf, query);
    response.json({ items: items.map(listedFor(policy, who)), next } satisfies ConsoleList);
  });

  router.get('/:id', async (request, response) => {
    const record = await consoles.get(request.params.id);
    const viewer = selfOf(record, access.toConsole(request, record));
    response.json({ ...viewOf(record), viewer } satisfies ConsoleAnswer);
  });

  // Express would answer HEAD by GET, whose answer lasts as long as the console.
  router.head('/:id/events', methodNotAllowed('GET'));
  router.get('/:id/events', async (request, response) => {
    const record = await consoles.get(request.params.id);
    const caller = access.toConsole(request, record);
    const viewer = selfOf(record, caller);
    const who = caller.as === 'manager' ? access.principal(request).name : '';
    response.on('close', streams.take(record.id, `${caller.as} ${viewer?.id ?? who}`));
    await streamConsoleEvents(response, record.id, parts, {
      viewer: viewer?.id ?? null,
      stillMay: async (last) => void (await access.stillToConsole(request, last)),
    });
  });

  router.delete('/:id', async (request, response) => {
    const record = await consoles.get(request.params.id);
    const how = access.toManage(request, record, 'kill');
    const own = how === 'holder' || isOwn(access.principal(request), record.user);
    await consoles.close(record.id, own ? 'ended' : 'killed', access.actor(request, record));
    response.status(204).end();
  });

  router.post('/:id/redeem', access.requireSession);
  router.post('/:id/redeem', async (request, response) => {
    const { id } = request.params;
    const wanted = parse(redeemRequest, request.body);
    const browser = consoleCookie.binding(request);
    const by = { ...access.actor(request), via: 'console' } as const;
    const shared = await sharing.redeem(id, wanted, browser, by);
    const record =
      shared?.record ??
      (await consoles.redeem(id, wanted.key, browser, by).catch(async (error: unknown) => {
        await countWrongKey(request, error);
        throw error;
      }));
    const viewer = shared?.viewer ?? null;
    if ((viewer?.browser ?? record.browser) === browser.fresh) {
      consoleCookie.give(response, id, browser, record.extendableUntil - parts.now());
    }
    const until = viewer ? ownEndOf(workingShare(record, viewer, parts.now())) : Infinity;
    response.json({
      bearer: bearers.issue(
        { console: record.id, viewer: viewer?.id ?? null },
        Math.min(record.extendableUntil, until),
      ),
      expiresAt: new Date(Math.min(record.expiresAt, until)).toISOString(),
      serverTime: new Date(parts.now()).toISOString(),
      console: viewOf(record),
      viewer: viewer && selfOf(record, { as: 'viewer', viewer }),
    } satisfies RedeemAnswer);
  });

  router.post('/:id/extend', async (request, response) => {
    const record = await consoles.get(request.params.id);
    access.toManage(request, record, 'extend');
    const { seconds } = parse(extendRequest, request.body);
    const by = access.actor(request, record);
    response.json(viewOf(await consoles.extend(record.id, by, seconds)));
  });

  router.post('/:id/token', async (request, response) => {
    const record = await consoles.get(request.params.id);
    const caller = access.toConsole(request, record);
    if (caller.as === 'manager') {
      throw new GatewayError('forbidden', 'redeem the launch key of this console first');
    }
    const wanted = parse(tokenRequest, request.body);
    const { token, expiresAt } =
      caller.as === 'viewer'
        ? await connector.issueViewerToken(record, caller.viewer, wanted)
        : await connector.issueToken(record.id, wanted);
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

/** What a viewer's own page is told of itself; null for everybody else. */
function selfOf(record: ConsoleRecord, caller: ConsoleAccess): ViewerSelf | null {
  if (caller.as !== 'viewer') return null;
  const { viewer } = caller;
  return { id: viewer.id, readOnly: shareOf(record.sharing, viewer)?.readOnly ?? true };
}

/** Whether the person for whom it was opened asks, in the portal; a token is somebody's program. */
function isOwn({ name, via }: Principal, user: string): boolean {
  return via === 'session' && name === user;
}
