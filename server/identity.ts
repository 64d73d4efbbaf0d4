import type { RequestHandler } from 'express';
import { DeviceCookie } from './api/device-cookie.ts';
import { SignedIn } from './api/signed-in.ts';
import type { ApiTokens } from './auth/api-tokens.ts';
import type { Accounts } from './auth/accounts.ts';
import type { KeyRing } from './auth/key-ring.ts';
import { KnownDevices } from './auth/known-devices.ts';
import type { PasswordSignIn } from './auth/password-sign-in.ts';
import type { Principal } from './auth/principal.ts';
import { SignIn } from './auth/sign-in.ts';
import { SignInLimits } from './auth/sign-in-limits.ts';
import { TokenDoor } from './auth/token-door.ts';
import { TotpEnrolments } from './auth/totp-enrolments.ts';
import { UserSessions } from './auth/user-sessions.ts';
import type { Config } from './config.ts';
import type { Redis } from './platform/redis.ts';
import { TryLimit } from './platform/try-limit.ts';

/** What main.ts composes of how people sign in and stay so. */
export function identity(parts: {
  readonly config: Config;
  readonly redis: Redis;
  readonly keys: KeyRing;
  readonly accounts: Accounts;
  readonly passwords: PasswordSignIn;
  readonly apiTokens: ApiTokens;
  readonly publicUrl: string;
  /** Loads the session of the cookie. */
  readonly load: RequestHandler;
  readonly now: () => number;
}) {
  const { config, redis, keys, accounts, passwords, apiTokens, publicUrl, load, now } = parts;
  const markOf = (user: string) => accounts.mark(user);
  const sessions = new UserSessions(redis);
  const totp = new TotpEnrolments({
    redis,
    keys: keys.derive('totp'),
    codeKeys: keys.derive('recovery code'),
    issuer: `Rackside ${new URL(publicUrl).hostname}`,
    now,
  });
  const signIn = new SignIn({
    authenticate: (name, password) => passwords.signIn(name, password),
    totp,
    limits: new SignInLimits(redis, config.signIn),
  });
  const { tries, window } = config.signIn;
  const wrongTokens = new TryLimit(redis, { name: 'token', tries, windowMs: window * 1000 });
  const devices = new KnownDevices(keys.derive('known device'));
  return {
    sessions,
    totp,
    signIn,
    signedIn: new SignedIn({ load, sessions, markOf, now }),
    tokenDoor: new TokenDoor(apiTokens, wrongTokens),
    deviceCookie: new DeviceCookie(devices, publicUrl.startsWith('https:')),
    wantsTotp: wantsTotp(config),
    now,
  };
}

/**
 * Who has to bring a second factor, by their role or by themselves. Not who signs in at a provider:
 * that asks for as many as it wants to see.
 */
function wantsTotp({ signIn, users }: Config): (who: Principal) => boolean {
  const named = new Set(users.filter(({ totp }) => totp === 'required').map(({ name }) => name));
  return ({ name, role, remote }) =>
    remote?.source.type !== 'oidc' && (signIn.totp.includes(role) || named.has(name));
}
