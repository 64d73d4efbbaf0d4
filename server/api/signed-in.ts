import type { Request, RequestHandler } from 'express';
import type { UserSessions } from '../auth/user-sessions.ts';
import {
  type SessionHolder,
  beginSession,
  dropUser,
  endSession,
  holderName,
  loadSession,
} from './session.ts';

declare module 'express-session' {
  interface SessionData {
    signedIn?: SignIn;
  }
}

/** What a session knows of the sign-in that it stands for. */
interface SignIn {
  /** By which its user knows it. */
  readonly id: string;
  /** Of the account as it was: another password ends the session. */
  readonly mark: string | undefined;
  /** Whether a second factor was given. */
  readonly secondFactor: boolean;
}

/** Longest browser's name that is kept, in characters. */
const AGENT_LENGTH = 256;

/** Sessions of people who have signed in: written down when they begin, asked for at each use. */
export class SignedIn {
  readonly #load: RequestHandler;
  readonly #sessions: UserSessions;
  readonly #markOf: (user: string) => string | undefined;
  readonly #now: () => number;

  constructor(parts: {
    /** Loads the session of the cookie. */
    load: RequestHandler;
    sessions: UserSessions;
    /** The mark of a user's account as it is now. */
    markOf: (user: string) => string | undefined;
    now: () => number;
  }) {
    this.#load = parts.load;
    this.#sessions = parts.sessions;
    this.#markOf = parts.markOf;
    this.#now = parts.now;
  }

  /** Loads the session. One that was ended, or is from before a new password, is nobody's. */
  readonly session: RequestHandler = async (request, response, next) => {
    await loadSession(this.#load, request, response);
    await this.#check(request);
    next();
  };

  /**
   * Signs in, under a new session id, so that one planted before is worth nothing; what this browser
   * was signed in as before is over.
   */
  async begin(request: Request, holder: SessionHolder, secondFactor: boolean): Promise<void> {
    await this.#forget(request);
    await beginSession(request, holder);
    const user = holderName(request.session) ?? '';
    const now = this.#now();
    const place = { sid: request.sessionID, address: addressOf(request), agent: agentOf(request) };
    const id = await this.#sessions.add(user, place, now);
    request.session.signedIn = { id, mark: this.#markOf(user), secondFactor };
  }

  async end(request: Request): Promise<void> {
    await this.#forget(request);
    await endSession(request);
  }

  /** Notes that this session has, or has no longer, a second factor to stand on. */
  setSecondFactor(request: Request, secondFactor: boolean): void {
    const { signedIn } = request.session;
    if (signedIn) request.session.signedIn = { ...signedIn, secondFactor };
  }

  /** Whether whoever the session was loaded for is still signed in; true for nobody. */
  async stands(request: Request): Promise<boolean> {
    const { signedIn } = request.session;
    const user = holderName(request.session);
    if (user === undefined) return true;
    return (
      signedIn !== undefined &&
      signedIn.mark === this.#markOf(user) &&
      (await this.#sessions.seen(user, signedIn.id, addressOf(request), this.#now()))
    );
  }

  async #check(request: Request): Promise<void> {
    if (await this.stands(request)) return;
    await this.#forget(request);
    await dropUser(request);
  }

  async #forget({ session }: Request): Promise<void> {
    const { signedIn } = session;
    const user = holderName(session);
    if (user === undefined || signedIn === undefined) return;
    await this.#sessions.end(user, signedIn.id, this.#now());
  }
}

export function addressOf(request: Request): string {
  return request.ip ?? '';
}

function agentOf(request: Request): string {
  return (request.get('user-agent') ?? '').slice(0, AGENT_LENGTH);
}
