import { Secret, TOTP } from 'otpauth';
import { GatewayError } from '../errors.ts';
import type { Redis } from '../platform/redis.ts';
import type { Key } from './key-ring.ts';
import { newRecoveryCodes, recoveryHashes } from './recovery-codes.ts';
import { TotpBox } from './totp-box.ts';

/** Bytes: RFC 4226 section 4 recommends 160 bits. */
const SECRET_BYTES = 20;
/** Steps before and after the present one that are taken (RFC 6238 section 5.2). */
const WINDOW = 1;
const DIGITS = /^\d{6}$/;
/** For how long a secret waits for its first code, ms. */
const BEGUN_MS = 900_000;

/** The first confirmation of the very secret that was shown makes it the user's. */
const CONFIRM = `
  if redis.call('EXISTS', KEYS[2]) == 1 then return 'active' end
  if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 'not begun' end
  redis.call('DEL', KEYS[1], KEYS[3])
  redis.call('HSET', KEYS[2], 'secret', ARGV[1], 'step', ARGV[2], 'since', ARGV[3])
  redis.call('SADD', KEYS[3], unpack(ARGV, 4))
  return 'ok'`;

/** A time step is good once, and none before it afterwards. */
const USE = `
  local secret, step = unpack(redis.call('HMGET', KEYS[1], 'secret', 'step'))
  if secret ~= ARGV[1] or tonumber(step) >= tonumber(ARGV[2]) then return 0 end
  redis.call('HSET', KEYS[1], 'step', ARGV[2], 'secret', ARGV[3])
  return 1`;

/** One-time codes (RFC 6238: SHA-1, 6 digits, 30 s, as all authenticators know) and their users. */
export class TotpEnrolments {
  readonly #redis: Redis;
  readonly #box: TotpBox;
  readonly #codeKeys: readonly Key[];
  readonly #issuer: string;
  readonly #now: () => number;

  constructor(options: {
    redis: Redis;
    /** Encrypt the secrets. */
    keys: readonly Key[];
    /** Hash the recovery codes. */
    codeKeys: readonly Key[];
    /** By which authenticators call the gateway. */
    issuer: string;
    now: () => number;
  }) {
    this.#redis = options.redis;
    this.#box = new TotpBox(options.keys);
    this.#codeKeys = options.codeKeys;
    this.#issuer = options.issuer;
    this.#now = options.now;
  }

  async isActive(user: string): Promise<boolean> {
    return (await this.#redis.run((client) => client.exists(keyOf(user)))) === 1;
  }

  /** `since` in milliseconds since the epoch; undefined for who is not enrolled. */
  async status(user: string): Promise<{ since: number; recoveryCodesLeft: number } | undefined> {
    const [since, left] = await this.#redis.run((client) =>
      Promise.all([client.hGet(keyOf(user), 'since'), client.sCard(recoveryKeyOf(user))]),
    );
    return since == null ? undefined : { since: Number(since), recoveryCodesLeft: left };
  }

  /**
   * A new secret, which counts once it was confirmed. Another that waits is forgotten.
   *
   * @throws GatewayError `totp_active`
   */
  async begin(user: string): Promise<{ secret: string; uri: string; expiresAt: number }> {
    if (await this.isActive(user)) throw active(user);
    const secret = new Secret({ size: SECRET_BYTES });
    const sealed = await this.#box.seal(secret.base32, user);
    const expiresAt = this.#now() + BEGUN_MS;
    const expiration = { type: 'PXAT', value: expiresAt } as const;
    await this.#redis.run((client) => client.set(begunKeyOf(user), sealed, { expiration }));
    const uri = new TOTP({ secret, issuer: this.#issuer, label: user }).toString();
    return { secret: secret.base32, uri, expiresAt };
  }

  /**
   * Makes the secret that waits the user's own, by a code of it. Gives the recovery codes, which
   * nobody can read again.
   *
   * @throws GatewayError `totp_not_begun`, `totp_wrong`, `totp_active` (also when another
   * confirmation was first)
   */
  async confirm(user: string, code: string): Promise<string[]> {
    const sealed = await this.#redis.run((client) => client.get(begunKeyOf(user)));
    if (sealed === null) {
      if (await this.isActive(user)) throw active(user);
      throw notBegun();
    }
    const now = this.#now();
    const step = stepOf((await this.#box.open(sealed, user)).secret, code, now);
    if (step === undefined) throw wrongCode();
    const codes = newRecoveryCodes();
    const keys = [begunKeyOf(user), keyOf(user), recoveryKeyOf(user)];
    const args = [sealed, String(step), String(now), ...this.#hashes(user, codes)];
    const done = await this.#redis.run((client) => client.eval(CONFIRM, { keys, arguments: args }));
    if (done === 'active') throw active(user);
    if (done !== 'ok') throw notBegun();
    return codes;
  }

  /** Whether this is a code of the present or a recovery code; either works once. */
  async accept(user: string, code: string): Promise<boolean> {
    const plain = code.replaceAll(/\s/g, '');
    return DIGITS.test(plain) ? this.#acceptDigits(user, plain) : this.#acceptRecovery(user, plain);
  }

  /** @throws GatewayError `totp_not_active` */
  async renewRecoveryCodes(user: string): Promise<string[]> {
    if (!(await this.isActive(user))) throw notActive(user);
    const codes = newRecoveryCodes();
    const key = recoveryKeyOf(user);
    await this.#redis.run((client) =>
      client.multi().del(key).sAdd(key, this.#hashes(user, codes)).exec(),
    );
    return codes;
  }

  /** Forgets the user's enrolment, and one that waits. @throws GatewayError `totp_not_active` */
  async remove(user: string): Promise<void> {
    const [removed] = await this.#redis.run((client) =>
      client.multi().del(keyOf(user)).del(recoveryKeyOf(user)).del(begunKeyOf(user)).exec(),
    );
    if (Number(removed) === 0) throw notActive(user);
  }

  async #acceptDigits(user: string, code: string): Promise<boolean> {
    const sealed = await this.#redis.run((client) => client.hGet(keyOf(user), 'secret'));
    if (sealed == null) return false;
    const { secret, old } = await this.#box.open(sealed, user);
    const step = stepOf(secret, code, this.#now());
    if (step === undefined) return false;
    const kept = old ? await this.#box.seal(secret, user) : sealed;
    const options = { keys: [keyOf(user)], arguments: [sealed, String(step), kept] };
    return (await this.#redis.run((client) => client.eval(USE, options))) === 1;
  }

  async #acceptRecovery(user: string, code: string): Promise<boolean> {
    const hashes = recoveryHashes(this.#codeKeys, user, code);
    const found = await this.#redis.run((client) => client.sRem(recoveryKeyOf(user), hashes));
    return found > 0;
  }

  #hashes(user: string, codes: readonly string[]): string[] {
    return codes.flatMap((code) => recoveryHashes(this.#codeKeys.slice(0, 1), user, code));
  }
}

/** The time step whose code this is; undefined for a wrong one, and for one of another time. */
function stepOf(secret: string, code: string, now: number): number | undefined {
  const totp = new TOTP({ secret: Secret.fromBase32(secret) });
  const delta = totp.validate({ token: code, window: WINDOW, timestamp: now });
  return delta === null ? undefined : totp.counter({ timestamp: now }) + delta;
}

export function wrongCode(): GatewayError {
  return new GatewayError('totp_wrong', 'the code is wrong, or was used already');
}

function active(user: string): GatewayError {
  return new GatewayError('totp_active', `${user} has enrolled for one-time codes already`);
}

function notActive(user: string): GatewayError {
  return new GatewayError('totp_not_active', `${user} has not enrolled for one-time codes`);
}

function notBegun(): GatewayError {
  return new GatewayError('totp_not_begun', 'no enrolment waits for a code, begin it anew');
}

function keyOf(user: string): string {
  return `rackside:totp:${user}`;
}

function begunKeyOf(user: string): string {
  return `rackside:totp-begun:${user}`;
}

function recoveryKeyOf(user: string): string {
  return `rackside:totp-recovery:${user}`;
}
