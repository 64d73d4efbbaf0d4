import { RedisStore } from 'connect-redis';
import type { Request, RequestHandler, Response } from 'express';
import session from 'express-session';
import type { Key } from '../auth/key-ring.ts';
import type { Principal } from '../auth/principal.ts';
import type { RemoteIdentity } from '../auth/remote/remote-identity.ts';
import { SESSION_PREFIX, SESSION_TTL_MS } from '../auth/session-lifetime.ts';
import type { Redis, RedisClient } from '../platform/redis.ts';

declare module 'express-session' {
  interface SessionData {
    /** Name of the signed-in local user. */
    user?: string;
    /** Who is signed in by a source outside; there is no `user` then. */
    remote?: RemoteIdentity;
  }
}

/** Browsers take the prefix only over https, and then let no other host set it. */
export function sessionCookieName(secure: boolean): string {
  return secure ? '__Host-rackside' : 'rackside';
}

/** The cookie session: two hours in Redis, from the last request that changed it. */
export function sessionMiddleware(options: {
  redis: Redis;
  keys: readonly Key[];
  secure: boolean;
}): RequestHandler {
  const load = session({
    store: new RedisStore({
      client: clientOf(options.redis),
      prefix: SESSION_PREFIX,
      ttl: SESSION_TTL_MS / 1000,
    }),
    secret: options.keys.map(({ secret }) => Buffer.from(secret).toString('base64')),
    name: sessionCookieName(options.secure),
    cookie: {
      httpOnly: true,
      sameSite: 'lax',
      secure: options.secure,
      maxAge: SESSION_TTL_MS,
      path: '/',
    },
    resave: false,
    saveUninitialized: false,
  });
  return (request, response, next) => {
    // publicUrl says how browsers come. Without this a proxy that does not tell, or is not trusted,
    // would have the cookie left out without a word.
    if (options.secure) Object.defineProperty(request, 'secure', { value: true });
    load(request, response, (error: unknown) => {
      // One that cannot be kept is told after the answer, where Express would print the stack.
      if (!error || !response.headersSent) next(error);
    });
  };
}

/** What connect-redis needs of a client, each command as the gateway runs all of its own. */
function clientOf(redis: Redis): Pick<RedisClient, 'get' | 'set' | 'expire' | 'del'> {
  return {
    get: (...command) => redis.run((known) => known.get(...command)),
    set: (...command) => redis.run((known) => known.set(...command)),
    expire: (...command) => redis.run((known) => known.expire(...command)),
    del: (...command) => redis.run((known) => known.del(...command)),
  };
}

/** Whose a session is: a local user's, or somebody's whom a source outside knows. */
export type SessionHolder = { readonly user: string } | { readonly remote: RemoteIdentity };

/** Whose a session of this person is. */
export function holderOf({ name, remote }: Principal): SessionHolder {
  return remote ? { remote } : { user: name };
}

/** The name of whoever has signed in; undefined for nobody. */
export function holderName({ user, remote }: Request['session']): string | undefined {
  return remote?.name ?? user;
}

/** Runs the middleware that loads a session, for whoever has more to do before the next one. */
export async function loadSession(
  load: RequestHandler,
  request: Request,
  response: Response,
): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    void load(request, response, (error?: unknown) => (error ? reject(asError(error)) : resolve()));
  });
}

/** Signs in, under a new session id: one planted before is worth nothing, and nothing of it stays. */
export async function beginSession(request: Request, holder: SessionHolder): Promise<void> {
  await regenerate(request);
  Object.assign(request.session, holder);
}

/** Before a redirection: a browser may follow it before the answer has come to its end. */
export async function saveSession(request: Request): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    request.session.save((error: unknown) => (error ? reject(asError(error)) : resolve()));
  });
}

/** Makes the session nobody's. */
export async function dropUser(request: Request): Promise<void> {
  await regenerate(request);
}

function regenerate(request: Request): Promise<void> {
  return new Promise<void>((resolve, reject) => {
    request.session.regenerate((error: unknown) => (error ? reject(asError(error)) : resolve()));
  });
}

export async function endSession(request: Request): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    request.session.destroy((error: unknown) => (error ? reject(asError(error)) : resolve()));
  });
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error('the session store failed', { cause: error });
}
