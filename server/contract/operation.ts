import type * as z from 'zod/mini';
import type { AuditAction } from './audit.ts';
import type { StatusCode } from './status.ts';

/**
 * Who may call: somebody who is signed in or brings an API token; somebody who is signed in, also to
 * enrol for one-time codes; whoever holds this one console, by the cookie or the bearer of its redeemed
 * launch key. No caller named: anybody.
 */
export type Caller = 'user' | 'person' | 'console';

/**
 * One call of the gateway's HTTP interface, as it is routed, validated, documented, tested and called
 * by the client. The key in the table of operations is its name.
 */
export interface Operation {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** From the root, with parameters as OpenAPI writes them: `/api/v1/consoles/{id}`. */
  readonly path: `/${string}`;
  readonly tag: Tag;
  /** One line for people. */
  readonly summary: string;
  readonly callers: readonly Caller[];
  readonly query?: z.ZodMiniType;
  /** Of a JSON body. */
  readonly body?: z.ZodMiniType;
  /** Of a form, url-encoded; what is wrong with it is said as that call has always said it. */
  readonly form?: z.ZodMiniType;
  /** What is no error, by HTTP status; null where there is no body of ours. */
  readonly answers: Readonly<Record<number, z.ZodMiniType | null>>;
  /** Of an answer in Server-Sent Events: the data of each. */
  readonly events?: z.ZodMiniType;
  /** As what its refusals are in the audit trail. Other calls' refusals are told where they happen. */
  readonly audited?: AuditAction;
  /** Seconds within which it answers, where a system outside is waited for; else it is quick. */
  readonly within?: number;
  /** What this call can be refused for besides what `problemsOf` knows of every call. */
  readonly problems?: readonly StatusCode[];
}

export const TAGS = ['session', 'account', 'machines', 'consoles', 'portals', 'gateway'] as const;
export type Tag = (typeof TAGS)[number];

/** Keeps the row's own types, which the client's are inferred from. */
// @__NO_SIDE_EFFECTS__
export function operation<const T extends Operation>(row: T): T {
  return row;
}

/** Every code with which a call can be refused, in the order of the general to the particular. */
export function problemsOf({
  method,
  path,
  callers,
  query,
  problems = [],
}: Operation): StatusCode[] {
  const codes: StatusCode[] = [];
  const inApi = path.startsWith('/api/');
  if (inApi || query) codes.push('invalid_request');
  if (callers.length > 0) codes.push('unauthenticated', 'rate_limited');
  if (callers.includes('user')) codes.push('totp_enrolment_required');
  if (callers.includes('person')) codes.push('forbidden');
  if (method !== 'GET') codes.push('cross_site');
  // Whether a body is wanted or not.
  if (inApi) codes.push('payload_too_large', 'unsupported_media_type');
  codes.push(...problems);
  if (inApi) codes.push('redis_unavailable', 'internal');
  return [...new Set(codes)];
}
