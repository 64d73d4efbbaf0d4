import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Action } from '../contract/index.ts';

/** An API token as it lies in Redis. Times are milliseconds since the epoch; the token is not there. */
export interface ApiToken {
  readonly id: string;
  readonly name: string;
  /** The user who made it and in whose name it acts. */
  readonly owner: string;
  /** sha256 of the token, hex. */
  readonly hash: string;
  readonly actions: readonly Action[] | null;
  readonly machines: readonly string[] | null;
  readonly createdAt: number;
  readonly expiresAt: number | null;
}

/** `rks_<id>_<secret>`: a form that scanners for leaked secrets know, and an id to look it up by. */
const FORM = /^rks_([0-9a-f]{24})_[A-Za-z0-9_-]{43}$/;

export function newToken(): { id: string; token: string } {
  const id = randomBytes(12).toString('hex');
  return { id, token: `rks_${id}_${randomBytes(32).toString('base64url')}` };
}

/** The id that a token of this form names; undefined for one of another form. */
export function idOfToken(token: string): string | undefined {
  return FORM.exec(token)?.[1];
}

export function hashOfToken(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}

/** Whether this is the very token, and its time is not over. */
export function opens({ hash, expiresAt }: ApiToken, token: string, now: number): boolean {
  const presented = Buffer.from(hashOfToken(token), 'hex');
  const known = Buffer.from(hash, 'hex');
  return timingSafeEqual(known, presented) && (expiresAt === null || now < expiresAt);
}
