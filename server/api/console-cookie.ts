import { createHash, randomBytes } from 'node:crypto';
import type { Request, Response } from 'express';
import type { Binding } from '../consoles/binding.ts';
import { holderName } from './session.ts';

/** Bytes of the secret. */
const SECRET_BYTES = 24;

/** A binding whose secret is still to be handed out. */
export interface NewBinding extends Binding {
  readonly secret: string;
}

/**
 * By what a browser goes on with a console after a reload: a cookie of that console's path alone, whose
 * secret is made when the console's key is redeemed. See docs/decisions/0010.
 */
export class ConsoleCookie {
  readonly #secure: boolean;

  constructor(secure: boolean) {
    this.#secure = secure;
  }

  /** What the browser brings. A secret of somebody signed in counts while they are. */
  brought(request: Request): string[] {
    const who = nameOf(request);
    return this.#secretsOf(request.headers.cookie ?? '').flatMap((secret) =>
      who === undefined ? [hashOf(secret)] : [hashOf(secret), hashOf(secret, who)],
    );
  }

  /** The same, and a fresh secret for the case that it comes for the first time. */
  binding(request: Request): NewBinding {
    const secret = randomBytes(SECRET_BYTES).toString('base64url');
    return { brought: this.brought(request), fresh: hashOf(secret, nameOf(request)), secret };
  }

  /** @param ms for which the console may still be open. */
  give(response: Response, id: string, { secret }: NewBinding, ms: number): void {
    response.cookie(this.#name, secret, {
      httpOnly: true,
      sameSite: 'lax',
      secure: this.#secure,
      maxAge: Math.max(0, ms),
      path: `/api/v1/consoles/${id}`,
    });
  }

  /** Several where somebody has planted one for a wider path or domain: it does not hide the right one. */
  #secretsOf(header: string): string[] {
    return header
      .split(';')
      .map((pair) => pair.trim())
      .filter((pair) => pair.startsWith(`${this.#name}=`))
      .map((pair) => pair.slice(this.#name.length + 1));
  }

  get #name(): string {
    return this.#secure ? '__Secure-rackside-console' : 'rackside-console';
  }
}

/** None is loaded for callers that bring a bearer. */
function nameOf({ session }: Request): string | undefined {
  return (session as Request['session'] | undefined) && holderName(session);
}

function hashOf(secret: string, who?: string): string {
  const hash = createHash('sha256').update(secret);
  return (who === undefined ? hash : hash.update(`\n${who}`)).digest('hex');
}
