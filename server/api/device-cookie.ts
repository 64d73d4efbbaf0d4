import type { Request, Response } from 'express';
import { DEVICE_TTL, type KnownDevices } from '../auth/known-devices.ts';
import type { Whence } from '../auth/sign-in-limits.ts';
import { addressOf } from './signed-in.ts';

/** Carries a browser's mark of being known; see KnownDevices. */
export class DeviceCookie {
  readonly #devices: KnownDevices;
  readonly #secure: boolean;

  constructor(devices: KnownDevices, secure: boolean) {
    this.#devices = devices;
    this.#secure = secure;
  }

  /** From where a try for this user's account comes. */
  whence(request: Request, user: string): Whence {
    const mark = cookieOf(request.headers.cookie ?? '', this.#name);
    const device = mark === undefined ? undefined : this.#devices.idOf(mark, user);
    return { address: addressOf(request), device };
  }

  /** The user has signed in here: a browser that is new to them is known from now on. */
  remember(request: Request, response: Response, user: string): void {
    if (this.whence(request, user).device !== undefined) return;
    response.cookie(this.#name, this.#devices.issue(user), {
      httpOnly: true,
      sameSite: 'lax',
      secure: this.#secure,
      maxAge: DEVICE_TTL * 1000,
      path: '/',
    });
  }

  get #name(): string {
    return this.#secure ? '__Host-rackside-device' : 'rackside-device';
  }
}

/** A cookie's value as it was sent (RFC 6265); a mark needs no decoding. */
function cookieOf(header: string, name: string): string | undefined {
  const pairs = header.split(';').map((pair) => pair.trim());
  return pairs.find((pair) => pair.startsWith(`${name}=`))?.slice(name.length + 1);
}
