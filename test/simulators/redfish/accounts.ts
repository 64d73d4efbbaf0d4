import { randomBytes } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { logBook } from '../../support/log-book.ts';
import { Refusal } from './refusal.ts';
import type { VendorTraits } from './vendors.ts';

export interface Account {
  readonly name: string;
  password: string;
  role: string;
  enabled: boolean;
  /** Of wrong passwords in a row. */
  failures: number;
}

export interface Session {
  readonly id: string;
  readonly token: string;
  readonly user: string;
  /** Against requests that another site has forged, where cookies say who calls. */
  readonly xsrf: string;
}

/** Wrong passwords after which an account is locked. */
const LOCKOUT = 5;

/** Who may sign in at a BMC, and who has: sessions are limited in number and end by logging out. */
export class Accounts {
  /** By the number of their slot. */
  readonly slots = new Map<number, Account>();
  readonly sessions: Session[] = [];
  /** Where BMCs do not have any, every call brings name and password. */
  sessionService = true;
  readonly #traits: VendorTraits;

  constructor(traits: VendorTraits) {
    this.#traits = traits;
  }

  add(name: string, password: string, role = 'Administrator'): Account {
    const account = { name, password, role, enabled: true, failures: 0 };
    this.slots.set(this.freeSlot(), account);
    return account;
  }

  freeSlot(): number {
    for (let slot = 2; slot <= 16; slot += 1) if (!this.slots.has(slot)) return slot;
    throw new Refusal(400, 'Base.1.8.CreateLimitReachedForResource', 'no account is free');
  }

  named(name: string): Account | undefined {
    return [...this.slots.values()].find((account) => account.name === name);
  }

  /** Begins a session. @throws Refusal */
  signIn(name: string, password: string): Session {
    this.check(name, password);
    if (this.sessions.length >= this.#traits.sessions) {
      const message = 'The session establishment failed due to the number of simultaneous sessions';
      throw new Refusal(503, 'Base.1.8.SessionLimitExceeded', message);
    }
    const token = logBook.secret(randomBytes(16).toString('hex'));
    const xsrf = randomBytes(10).toString('hex');
    const session = { id: randomBytes(5).toString('hex'), token, user: name, xsrf };
    this.sessions.push(session);
    return session;
  }

  signOut(id: string): void {
    const at = this.sessions.findIndex((session) => session.id === id);
    if (at < 0) throw new Refusal(404, 'Base.1.8.ResourceMissingAtURI', 'no such session');
    this.sessions.splice(at, 1);
  }

  check(name: string, password: string): Account {
    const [status, messageId] = this.#traits.unauthorized;
    const account = this.named(name);
    if (!account?.enabled) throw new Refusal(status, messageId, 'invalid user name or password');
    if (account.failures >= LOCKOUT) {
      const message = 'The account has been locked out because of too many failed attempts.';
      throw new Refusal(401, 'Base.1.8.AccountLocked', message);
    }
    if (account.password !== password) {
      account.failures += 1;
      throw new Refusal(status, messageId, 'invalid user name or password');
    }
    account.failures = 0;
    return account;
  }

  /** Who calls, by token or basic authentication. @throws Refusal 401 */
  caller(headers: IncomingHttpHeaders): Account {
    const token = headers['x-auth-token'];
    const session = this.sessions.find((one) => one.token === token);
    const account = session && this.named(session.user);
    if (account) return account;
    const [scheme, encoded = ''] = (headers.authorization ?? '').split(' ');
    if (token === undefined && scheme === 'Basic') {
      const [name = '', ...rest] = Buffer.from(encoded, 'base64').toString().split(':');
      return this.check(name, rest.join(':'));
    }
    throw new Refusal(401, 'Base.1.8.NoValidSession', 'There is no valid session established.');
  }
}
