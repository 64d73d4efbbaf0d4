import { Secret, TOTP } from 'otpauth';
import { logBook } from './log-book.ts';

const STEP_MS = 30_000;

/** Somebody's authenticator app, fed by what its QR code says. */
export class Authenticator {
  readonly #totp: TOTP;

  constructor(uri: string) {
    const secret = new URL(uri).searchParams.get('secret') ?? '';
    this.#totp = new TOTP({ secret: Secret.fromBase32(logBook.secret(secret)) });
  }

  /** The code that is shown now; of so many steps later, or before. */
  code(steps = 0): string {
    return this.#totp.generate({ timestamp: Date.now() + steps * STEP_MS });
  }

  /** Six digits that are not, and will not be soon, one of its codes. */
  wrongCode(): string {
    const near = new Set([-2, -1, 0, 1, 2, 3].map((steps) => this.code(steps)));
    const free = ['000000', '111111', '222222', '333333', '444444', '555555', '666666'];
    return free.find((code) => !near.has(code)) ?? '';
  }
}
