import type { Request, RequestHandler } from 'express';
import type { Actor } from '../audit/actor.ts';
import type { Accounts } from '../auth/accounts.ts';
import type { ConsoleBearer } from '../auth/console-bearer.ts';
import type { Policy } from '../auth/policy.ts';
import type { Principal } from '../auth/principal.ts';
import type { RemoteUsers } from '../auth/remote/remote-users.ts';
import type { TokenDoor } from '../auth/token-door.ts';
import { workingShare } from '../consoles/console-sharing.ts';
import type { ConsoleRecord } from '../consoles/console.ts';
import type { Viewer } from '../consoles/sharing.ts';
import type { Action } from '../contract/index.ts';
import { GatewayError, toGatewayError } from '../errors.ts';
import type { ConsoleCookie } from './console-cookie.ts';
import { addressOf } from './signed-in.ts';

const BEARER = /^Bearer ([\x21-\x7e]{1,4096})$/i;

/** As whom somebody comes to one console: who holds it, a viewer of it, or who may manage it. */
export type ConsoleAccess =
  | { readonly as: 'holder' | 'manager' }
  | { readonly as: 'viewer'; readonly viewer: Viewer };

/** Who asks, read from the Authorization header or else from the session. */
export class Access {
  readonly #tokenDoor: TokenDoor;
  readonly #tokenHolders = new WeakMap<Request, Principal>();
  readonly #accounts: Accounts;
  readonly #remoteUsers: RemoteUsers;
  readonly #bearers: ConsoleBearer;
  readonly #consoleCookie: ConsoleCookie;
  readonly #policy: Policy;
  readonly #stillSignedIn: (request: Request) => Promise<boolean>;
  readonly #wantsTotp: (who: Principal) => boolean;
  readonly #now: () => number;
  /** Loads the session, whatever else the caller brings. */
  readonly requireSession: RequestHandler;

  constructor(parts: {
    accounts: Accounts;
    tokenDoor: TokenDoor;
    remoteUsers: RemoteUsers;
    bearers: ConsoleBearer;
    consoleCookie: ConsoleCookie;
    policy: Policy;
    session: RequestHandler;
    /** Whether the sign-in of a loaded session still stands. */
    stillSignedIn: (request: Request) => Promise<boolean>;
    /** Whether somebody has to bring a second factor. */
    wantsTotp: (who: Principal) => boolean;
    /** Milliseconds since the epoch. */
    now: () => number;
  }) {
    this.#accounts = parts.accounts;
    this.#tokenDoor = parts.tokenDoor;
    this.#remoteUsers = parts.remoteUsers;
    this.#bearers = parts.bearers;
    this.#consoleCookie = parts.consoleCookie;
    this.#policy = parts.policy;
    this.#stillSignedIn = parts.stillSignedIn;
    this.#wantsTotp = parts.wantsTotp;
    this.#now = parts.now;
    this.requireSession = parts.session;
  }

  /** Loads the session, but not for callers that bring a bearer: they need no cookie. */
  readonly session: RequestHandler = (request, response, next) => {
    if (request.headers.authorization === undefined) {
      return this.requireSession(request, response, next);
    }
    return next();
  };

  /** Finds out whose API token it is that the caller brings, where it brings one. */
  readonly apiToken: RequestHandler = async (request, _response, next) => {
    const bearer = BEARER.exec(request.headers.authorization ?? '')?.[1];
    if (bearer === undefined || this.#bearers.isOurs(bearer)) return next();
    await this.#askToken(request, bearer);
    next();
  };

  /**
   * The same as `toConsole` for an answer that goes on for long: asks anew whether the token is known
   * and the sign-in stands.
   *
   * @throws GatewayError as `toConsole`, `redis_unavailable`
   */
  async stillToConsole(request: Request, record: ConsoleRecord): Promise<ConsoleAccess> {
    const bearer = bearerOf(request);
    if (bearer === undefined) {
      if (!(await this.#stillSignedIn(request))) {
        throw new GatewayError('unauthenticated', 'this sign-in is over');
      }
    } else if (!this.#bearers.isOurs(bearer)) {
      await this.#askToken(request, bearer);
    }
    return this.toConsole(request, record);
  }

  /**
   * @throws GatewayError `unauthenticated`; a bad bearer is refused, never passed over.
   * `totp_enrolment_required` for somebody who may only enrol as yet.
   */
  principal(request: Request): Principal {
    const who = this.known(request);
    if (!this.mustEnrol(request, who)) return who;
    const message = `${who.name} has to enrol for one-time codes before anything else`;
    throw new GatewayError('totp_enrolment_required', message);
  }

  /** A person at their own browser, also one who has to enrol; for what is about their account. */
  person(request: Request): Principal {
    const who = this.known(request);
    if (bearerOf(request) === undefined) return who;
    throw new GatewayError('forbidden', 'this is for people who sign in, and not for tokens');
  }

  /** Whether this sign-in is good for nothing but enrolling for one-time codes. */
  mustEnrol(request: Request, who: Principal): boolean {
    if (bearerOf(request) !== undefined) return false;
    return this.#wantsTotp(who) && request.session.signedIn?.secondFactor !== true;
  }

  /** Who asks, whatever they may do. @throws GatewayError `unauthenticated` */
  known(request: Request): Principal {
    const found = this.#known(request);
    if (found) return found;
    const message = bearerOf(request) ? 'this bearer token is not known' : 'sign in first';
    throw new GatewayError('unauthenticated', message);
  }

  /**
   * For what a console shows: a viewer comes first as that, whatever else it may be.
   *
   * @throws GatewayError `unauthenticated` for a stranger, `forbidden` for somebody who is known but
   * may not, `share_expired` or `share_revoked` for a viewer whose link is over.
   */
  toConsole(request: Request, record: ConsoleRecord): ConsoleAccess {
    if (this.#holds(request, record)) return { as: 'holder' };
    const viewer = this.#viewerOf(request, record);
    if (!viewer) return this.#manager(request, record, 'list');
    // A closed console says why it is closed.
    if (record.state !== 'closed') workingShare(record, viewer, this.#now());
    return { as: 'viewer', viewer };
  }

  /**
   * For what changes a console. What its holder may do besides looking and leaving was decided when it
   * was opened: `may` of the record. Staff who also came by a shared link stay staff.
   *
   * @throws GatewayError `unauthenticated`; `forbidden`, for viewers, too.
   */
  toManage(request: Request, record: ConsoleRecord, action: Action): 'holder' | 'manager' {
    if (this.#holds(request, record)) {
      if (!holderMay(record, action)) {
        const message = `the policy does not let you ${action} this console`;
        throw new GatewayError('forbidden', message);
      }
      return 'holder';
    }
    return this.#asManager(request, record, () => this.#manager(request, record, action).as);
  }

  /**
   * For a link to a console: for others by its holder, for themselves by who may manage it.
   *
   * @param readOnly a link to look only.
   * @throws GatewayError `unauthenticated`; `forbidden`, for viewers, too.
   */
  toShare(request: Request, record: ConsoleRecord, readOnly: boolean): void {
    const action = readOnly ? 'watch' : 'share';
    if (this.#holds(request, record)) {
      this.toManage(request, record, action);
      return;
    }
    this.#asManager(request, record, () => {
      const who = this.principal(request);
      if (this.#policy.mayJoin(who, record, readOnly)) return;
      throw new GatewayError('forbidden', `${who.name} may not ${action} this console`);
    });
  }

  /** Who asks, and whether at this console: for the audit trail. Never throws. */
  actor(request: Request, record?: ConsoleRecord): Actor {
    const from = request.ip ?? null;
    try {
      const known = this.#known(request);
      const who = known?.name ?? null;
      if (record && this.#holds(request, record)) return { who, via: 'console', from };
      const viewer = record && known === undefined && this.#viewerOf(request, record);
      if (viewer) return { who: null, via: 'guest', from };
      const door = bearerOf(request) === undefined ? 'session' : 'token';
      return { who, via: known?.via ?? door, from };
    } catch {
      return { who: null, via: 'token', from };
    }
  }

  async #askToken(request: Request, bearer: string): Promise<void> {
    this.#tokenHolders.delete(request);
    const holder = await this.#tokenDoor.holder(bearer, addressOf(request));
    if (holder) this.#tokenHolders.set(request, holder);
  }

  #known(request: Request): Principal | undefined {
    const bearer = bearerOf(request);
    if (bearer !== undefined) return this.#tokenHolders.get(request);
    // None is loaded where a call is refused before anybody asks for it.
    const { user, remote } = request.session ?? {};
    return remote ? this.#remoteUsers.principal(remote) : this.#accounts.user(user ?? '');
  }

  /** A viewer who is nobody else is told that they are a viewer. */
  #asManager<T>(request: Request, record: ConsoleRecord, check: () => T): T {
    try {
      return check();
    } catch (error) {
      const stranger = toGatewayError(error).status === 'unauthenticated';
      if (!stranger || !this.#viewerOf(request, record)) throw error;
      throw new GatewayError('forbidden', 'this is for the holder of the console', {
        cause: error,
      });
    }
  }

  #manager(request: Request, record: ConsoleRecord, action: Action): { as: 'manager' } {
    const who = this.principal(request);
    if (this.#policy.mayOnConsole(who, action, record)) return { as: 'manager' };
    throw new GatewayError('forbidden', `${who.name} may not ${action} this console`);
  }

  #holds(request: Request, record: ConsoleRecord): boolean {
    const bearer = bearerOf(request);
    if (bearer === undefined) {
      return record.browser !== null && this.#brings(request, record.browser);
    }
    const pass = this.#bearers.open(bearer);
    return pass?.console === record.id && pass.viewer === null;
  }

  #brings(request: Request, browser: string): boolean {
    return this.#consoleCookie.brought(request).includes(browser);
  }

  /** Of several links that one browser has opened the last one counts. */
  #viewerOf(request: Request, record: ConsoleRecord): Viewer | undefined {
    const { viewers } = record.sharing;
    const bearer = bearerOf(request);
    if (bearer === undefined) {
      return viewers.findLast(({ browser }) => this.#brings(request, browser));
    }
    const pass = this.#bearers.open(bearer);
    if (pass?.console !== record.id || pass.viewer === null) return undefined;
    return viewers.find(({ id }) => id === pass.viewer);
  }
}

/** To let others watch is to share. */
function holderMay({ may }: ConsoleRecord, action: Action): boolean {
  if (action === 'extend' || action === 'power') return may[action];
  return action === 'share' || action === 'watch' ? may.share : true;
}

function bearerOf(request: Request): string | undefined {
  const header = request.headers.authorization;
  if (header === undefined) return undefined;
  const bearer = BEARER.exec(header)?.[1];
  if (bearer === undefined) {
    throw new GatewayError('unauthenticated', 'the Authorization header holds no bearer token');
  }
  return bearer;
}
