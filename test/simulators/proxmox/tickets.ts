import { createHmac, randomBytes } from 'node:crypto';
import { logBook } from '../../support/log-book.ts';

/** Tickets of an account. s */
const LIFETIME = 2 * 3600;
/** Clocks of a cluster's nodes may be so far apart. s */
const GRACE = 300;
/** Tickets of a console. s */
const VNC_WINDOW = [-20, 40] as const;

/** What a console's ticket is bound to; old versions do not look at the port. */
export interface VncBinding {
  readonly user: string;
  readonly path: string;
  readonly port?: number;
}

/** Tickets as the cluster signs them: `PVE:user:time::signature`, `PVEVNC:time::signature`. */
export class Tickets {
  /** How far this cluster's clock is ahead of ours. s */
  ahead = 0;
  #secret = randomBytes(32);

  issue(user: string): string {
    return logBook.secret(this.#signed(`PVE:${user}:${this.#time()}`));
  }

  /** Whose it is; undefined for one that is forged or too old. */
  user(ticket: string): string | undefined {
    const [, user, time] = /^PVE:([^:]+):([0-9A-F]+)::/.exec(ticket) ?? [];
    if (!user || !time || ticket !== this.#signed(`PVE:${user}:${time}`)) return undefined;
    return this.#isWithin(time, -GRACE, LIFETIME) ? user : undefined;
  }

  csrf(user: string): string {
    const time = this.#time();
    return logBook.secret(`${time}:${this.#sign(`csrf:${user}:${time}`)}`);
  }

  isCsrf(token: string, user: string): boolean {
    const [time = '', signature] = token.split(':');
    return (
      signature === this.#sign(`csrf:${user}:${time}`) && this.#isWithin(time, -GRACE, LIFETIME)
    );
  }

  issueVnc(binding: VncBinding): string {
    const time = this.#time();
    return logBook.secret(`PVEVNC:${time}::${this.#sign(vncText(binding, time))}`);
  }

  /** A password may stand before it, for clients that know no other place for one. */
  isVnc(ticket: string, binding: VncBinding): boolean {
    const [, time, signature] = /^(?:.{8}:)?PVEVNC:([0-9A-F]+)::(.+)$/.exec(ticket) ?? [];
    if (!time || signature !== this.#sign(vncText(binding, time))) return false;
    return this.#isWithin(time, ...VNC_WINDOW);
  }

  /** The cluster's key is another: nothing that was issued is good any more. */
  rotate(): void {
    this.#secret = randomBytes(32);
  }

  #time(): string {
    return this.#now().toString(16).toUpperCase();
  }

  #now(): number {
    return Math.floor(Date.now() / 1000 + this.ahead);
  }

  #isWithin(time: string, from: number, to: number): boolean {
    const age = this.#now() - Number.parseInt(time, 16);
    return age >= from && age <= to;
  }

  #signed(text: string): string {
    return `${text}::${this.#sign(text)}`;
  }

  #sign(text: string): string {
    return createHmac('sha256', this.#secret).update(text).digest('base64');
  }
}

function vncText({ user, path, port }: VncBinding, time: string): string {
  return ['vnc', time, user, path, ...(port === undefined ? [] : [port])].join(':');
}
