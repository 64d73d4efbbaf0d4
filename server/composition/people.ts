import { Access } from '../api/access.ts';
import { ConsoleCookie } from '../api/console-cookie.ts';
import { DeviceCookie } from '../api/device-cookie.ts';
import { sessionMiddleware } from '../api/session.ts';
import { SignedIn } from '../api/signed-in.ts';
import { Accounts } from '../auth/accounts.ts';
import { ApiTokenStore } from '../auth/api-token-store.ts';
import { ApiTokens } from '../auth/api-tokens.ts';
import { KnownDevices } from '../auth/known-devices.ts';
import { LaunchLinks } from '../auth/launch-links.ts';
import { Policy } from '../auth/policy.ts';
import type { Principal } from '../auth/principal.ts';
import { KnownPeople } from '../auth/remote/known-people.ts';
import { identitySources } from '../auth/remote/sources.ts';
import { SignIn } from '../auth/sign-in.ts';
import { SignInLimits } from '../auth/sign-in-limits.ts';
import { TokenDoor } from '../auth/token-door.ts';
import { TotpEnrolments } from '../auth/totp-enrolments.ts';
import { UserSessions } from '../auth/user-sessions.ts';
import type { Config } from '../config.ts';
import { TryLimit } from '../platform/try-limit.ts';
import type { Base } from './base.ts';
import type { Consoles } from './consoles.ts';

/** Of one address, wrong launch keys and sign-ins at providers that were begun and not finished. */
const KEY_TRIES = 50;
const OIDC_BEGINS = 100;
const TRY_WINDOW_MS = 900_000;

/** How people and programs show who they are, how they stay so, and what they may do. */
export function composePeople(
  { config, log, redis, keys, now, singleUse }: Base,
  { publicUrl }: { readonly publicUrl: string },
  { bearers }: Consoles,
) {
  const secure = publicUrl.startsWith('https:');
  const accounts = new Accounts(config.users, config.apiTokens);
  const people = new KnownPeople(redis);
  const sources = identitySources({ config, accounts, people, publicUrl, log, now });
  const apiTokens = new ApiTokens({ store: new ApiTokenStore(redis), accounts, log, now });
  const policy = new Policy(config.policy);
  const sessions = new UserSessions(redis);
  const totp = new TotpEnrolments({
    redis,
    keys: keys.derive('totp'),
    codeKeys: keys.derive('recovery code'),
    issuer: `Rackside ${new URL(publicUrl).hostname}`,
    now,
  });
  const signIn = new SignIn({
    authenticate: (name, password) => sources.passwords.signIn(name, password),
    totp,
    limits: new SignInLimits(redis, config.signIn),
  });
  const { tries, window } = config.signIn;
  const wrongTokens = new TryLimit(redis, { name: 'token', tries, windowMs: window * 1000 });
  const tokenDoor = new TokenDoor(apiTokens, wrongTokens);
  const load = sessionMiddleware({ redis, keys: keys.derive('session cookie'), secure });
  const consoleCookie = new ConsoleCookie(secure);
  const markOf = (user: string) => accounts.mark(user);
  const signedIn = new SignedIn({ load, sessions, markOf, now });
  const mustBringTotp = wantsTotp(config);
  return {
    ...sources,
    ...{ accounts, people, apiTokens, policy, sessions, totp, signIn, signedIn, tokenDoor },
    consoleCookie,
    access: new Access({
      ...{ ...sources, accounts, tokenDoor, bearers, consoleCookie, policy, now },
      session: signedIn.session,
      stillSignedIn: (request) => signedIn.stands(request),
      wantsTotp: mustBringTotp,
    }),
    keyTries: new TryLimit(redis, {
      name: 'launch-key',
      tries: KEY_TRIES,
      windowMs: TRY_WINDOW_MS,
    }),
    oidcBegins: new TryLimit(redis, { name: 'oidc', tries: OIDC_BEGINS, windowMs: TRY_WINDOW_MS }),
    deviceCookie: new DeviceCookie(new KnownDevices(keys.derive('known device')), secure),
    launchLinks: new LaunchLinks({ issuers: config.launch, singleUse, publicUrl, now }),
    wantsTotp: mustBringTotp,
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
