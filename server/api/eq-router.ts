import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import express, {
  type ErrorRequestHandler,
  type Request,
  type RequestHandler,
  Router,
} from 'express';
import type { Audit } from '../audit/audit.ts';
import type { TokenDoor } from '../auth/token-door.ts';
import type { Policy } from '../auth/policy.ts';
import type { Principal } from '../auth/principal.ts';
import type { Config } from '../config.ts';
import { type ConsoleKind, type EqForm, eqForm } from '../contract/index.ts';
import { GatewayError } from '../errors.ts';
import type { Logger } from '../log.ts';
import type { TryLimit } from '../platform/try-limit.ts';
import type { Machine } from '../providers/provider.ts';
import { consoleUrl } from './console-url.ts';
import { type OriginCheck, refuseCrossSite } from './cross-site.ts';
import type { Opening } from './opening.ts';
import type { MachineLookup } from './machine-lookup.ts';
import { parse } from './parse.ts';
import { gatewayErrorOf, logFailure, methodNotAllowed, setRetryAfter } from './problems.ts';
import { addressOf } from './signed-in.ts';
import { isRefusal } from './tell-refusals.ts';

export interface EqRouterParts {
  readonly hostkey: Config['hostkey'];
  readonly tokenDoor: TokenDoor;
  readonly audit: Audit;
  readonly policy: Policy;
  readonly lookup: MachineLookup;
  readonly opening: Opening;
  /** Of wrong pins, by server. */
  readonly pinTries: TryLimit;
  readonly origins: OriginCheck;
  /** Without a trailing slash. */
  readonly publicUrl: string;
  readonly log: Logger;
}

type Server = NonNullable<Config['hostkey']>['servers'][number];

/** `action=novnc` asks for a screen; a machine without one gives what it has. */
const SCREENS: readonly ConsoleKind[] = ['vnc', 'kvm', 'rdp'];

/** `POST /eq.php` as HOSTKEY's customers have called it for years. Without its config, nothing. */
export function eqRouter(parts: EqRouterParts): Router {
  const { hostkey, lookup, opening, policy, origins, publicUrl, log } = parts;
  const router = Router();
  if (!hostkey) return router;
  /** Whose token a call has brought, for what is told of its refusal. */
  const callers = new WeakMap<Request, Principal>();
  const servers = new Map(hostkey.servers.map((server) => [server.id, server]));

  const envelope = (result: 'OK' | 'ERROR', scope: string, context: object): object => {
    const key = randomBytes(16).toString('hex');
    const tail =
      hostkey.spelling === 'upper' ? { Debug: 'debug', Key: key } : { debug: 'debug', key };
    return { result, scope, context, ...tail };
  };

  /** The server's machine; undefined where it is gone or not the caller's, which is not told apart. */
  const openable = (server: Server, who: Principal): Promise<Machine | undefined> =>
    lookup.find(who, server.machine, (found) => policy.mayOnMachine(who, 'open', found));

  async function open(form: EqForm, request: Request): Promise<object> {
    const { action, id, token } = form;
    const who = await parts.tokenDoor.holder(token, addressOf(request));
    if (!who) throw new GatewayError('unauthenticated', 'this token is not known');
    callers.set(request, who);
    const server = servers.get(id);
    const machine = server && (await openable(server, who));
    if (!server || !machine) {
      throw new GatewayError('machine_not_found', `there is no server ${id}`);
    }
    await checkPin(parts.pinTries, server, form.pin);
    const kind = machine.consoles.find((has) => SCREENS.includes(has));
    const user = who.name;
    const by = { who: user, via: 'eq', from: request.ip ?? null } as const;
    const { record, launchKey } = await opening.open(who, by, { machine, kind, user });
    log.info({ consoleId: record.id, server: id, user }, 'console asked for by eq.php');
    const { location } = server;
    return envelope('OK', consoleUrl(publicUrl, record.id, launchKey), { action, id, location });
  }

  router.use('/eq.php', (_request, response, next) => {
    response.set('Cache-Control', 'no-store');
    next();
  });
  router.post(
    '/eq.php',
    refuseCrossSite(origins, publicUrl),
    formOnly,
    express.urlencoded({ extended: false, limit: '8kb', parameterLimit: 100 }),
    async (request, response) => {
      response.json(await open(parse(eqForm, request.body), request));
    },
  );
  router.all('/eq.php', methodNotAllowed('POST'));

  /** Why an error of the caller's is 200: docs/portal.md. */
  const refusal: ErrorRequestHandler = (thrown: unknown, request, response, next) => {
    const error = gatewayErrorOf(thrown);
    const { status: code, message } = error;
    if (code === 'cross_site' || code === 'method_not_allowed') return next(error);
    const form = eqForm.shape;
    const { action, id } = (request.body ?? {}) as Partial<Record<keyof EqForm, unknown>>;
    const context = {
      action: form.action.safeParse(action).data ?? '',
      id: form.id.safeParse(id).data ?? '',
      location: '',
      code,
    };
    log.warn({ code, server: context.id, address: request.ip }, 'eq.php refused');
    if (isRefusal(code)) {
      parts.audit.write({
        action: 'open',
        who: callers.get(request)?.name ?? null,
        via: 'eq',
        from: request.ip ?? null,
        machine: servers.get(context.id)?.machine ?? null,
        console: null,
        result: code,
        detail: message,
      });
    }
    logFailure(log, request, error);
    setRetryAfter(response, error);
    return response
      .status(error.row.http < 500 ? 200 : error.row.http)
      .json(envelope('ERROR', message, context));
  };
  router.use('/eq.php', refusal);
  return router;
}

/** Wrong pins that a server takes in this time. */
export const PIN_TRIES = 10;
export const PIN_WINDOW_MS = 900_000;

const formOnly: RequestHandler = (request, _response, next) => {
  if (!request.is('application/x-www-form-urlencoded')) {
    throw new GatewayError('unsupported_media_type', 'send the form as a form, url-encoded');
  }
  next();
};

/** @throws GatewayError `credentials_invalid`, after too many of them `rate_limited`. */
async function checkPin(tries: TryLimit, { id, pin }: Server, presented: string): Promise<void> {
  await tries.take(id, `too many wrong pins for server ${id}`);
  if (!timingSafeEqual(sha256(pin.reveal()), sha256(presented))) {
    throw new GatewayError('credentials_invalid', `the pin of server ${id} is wrong`);
  }
  await tries.giveBack(id);
}

function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
