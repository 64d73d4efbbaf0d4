import * as z from 'zod/mini';
import { consoleKind } from './machine.ts';
import { line } from './line.ts';
import { action, approvalState, purpose } from './policy.ts';
import { viewerName, viewerSelf, viewerView } from './share.ts';
import { CLOSE_REASONS, STATUS, type StatusCode } from './status.ts';

export const CONSOLE_STATES = ['starting', 'ready', 'connected', 'detached', 'closed'] as const;
export const consoleState = z.enum(CONSOLE_STATES);
export type ConsoleState = z.infer<typeof consoleState>;

export const statusCode = z.enum(Object.keys(STATUS) as [StatusCode, ...StatusCode[]]);

/** What went wrong with a console last: a row of the status table and a sentence in English. */
export const consoleFault = z.object({ code: statusCode, message: z.string() });
export type ConsoleFault = z.infer<typeof consoleFault>;

/** Size of the browser's display. Pixels, dots per inch. */
export const displaySize = z.strictObject({
  width: z.number().check(z.int(), z.minimum(64), z.maximum(8192)),
  height: z.number().check(z.int(), z.minimum(64), z.maximum(8192)),
  dpi: z.optional(z.number().check(z.int(), z.minimum(48), z.maximum(600))),
});
export type DisplaySize = z.infer<typeof displaySize>;

/** Told once when a console has closed (docs/portal.md). */
export const closeUrl = z.url({ protocol: /^https?$/ }).check(z.maxLength(2048));

/** Body of `POST /consoles`. `ttl` in seconds; `user` names the person for whom a token asks. */
export const createConsoleRequest = z.strictObject({
  machine: z.string().check(z.minLength(1), z.maxLength(256)),
  kind: z.optional(consoleKind),
  /** Absent: as the policy has it, which is `false` unless a rule says otherwise. */
  readOnly: z.optional(z.boolean()),
  purpose: z.optional(purpose),
  /** The gateway's own `consoles.maxTtl` at most. */
  ttl: z.optional(z.number().check(z.int(), z.minimum(1))),
  display: z.optional(displaySize),
  user: z.optional(line(128)),
  closeUrl: z.optional(closeUrl),
});
export type CreateConsoleRequest = z.infer<typeof createConsoleRequest>;

/** A console as the API shows it. Times are RFC 3339 UTC. */
export const consoleView = z.object({
  id: z.string(),
  machine: z.string(),
  machineName: z.string(),
  kind: consoleKind,
  readOnly: z.boolean(),
  user: z.string(),
  /** Who asked for it: the user, or whoever acted for them. */
  openedBy: z.string(),
  purpose: z.nullable(z.string()),
  /** Null where nobody has to approve it. */
  approval: z.nullable(approvalState),
  approvedBy: z.nullable(z.string()),
  /** What the browser that holds the console may do with it; `power` is about its machine. */
  may: z.object({ extend: z.boolean(), share: z.boolean(), power: z.boolean() }),
  state: consoleState,
  reason: z.nullable(z.enum(CLOSE_REASONS)),
  error: z.nullable(consoleFault),
  createdAt: z.iso.datetime(),
  expiresAt: z.iso.datetime(),
  extendableUntil: z.iso.datetime(),
  /** When it closes unless somebody types, clicks or touches; null while that does not count. */
  idleAt: z.nullable(z.iso.datetime()),
  /** Who came by shared links, in the order in which they came. */
  viewers: z.array(viewerView),
  /** Whose keyboard and mouse count: `holder`, or the id of a viewer. */
  control: z.string(),
  /** How many shared links work now. */
  shares: z.number(),
});
export type ConsoleView = z.infer<typeof consoleView>;

/** Answer of `POST /consoles`: the only place where the URL with its launch key appears. */
export const createdConsole = z.extend(consoleView, { url: z.string() });
export type CreatedConsole = z.infer<typeof createdConsole>;

/** Answer of `GET /consoles/{id}`; `viewer` is who asks, null for all but viewers. */
export const consoleAnswer = z.extend(consoleView, { viewer: z.nullable(viewerSelf) });
export type ConsoleAnswer = z.infer<typeof consoleAnswer>;

/** As a list shows it; `actions` is what the caller may do to it: of `extend`, `share`, `watch`, `kill`. */
export const listedConsole = z.extend(consoleView, { actions: z.array(action) });
export type ListedConsole = z.infer<typeof listedConsole>;

export const consoleList = z.object({
  items: z.array(listedConsole),
  next: z.nullable(z.string()),
});
export type ConsoleList = z.infer<typeof consoleList>;

export const approvalQuery = z.strictObject({
  limit: z._default(z.coerce.number().check(z.int(), z.minimum(1), z.maximum(200)), 50),
  cursor: z.optional(z.string().check(z.maxLength(512))),
});

/** `user` leaves those that were opened for this person. */
export const consoleQuery = z.extend(approvalQuery, { user: z.optional(line(128)) });

/** Body of `POST …/extend`. Seconds; the gateway's own step where it is absent. */
export const extendRequest = z.strictObject({
  seconds: z.optional(z.number().check(z.int(), z.minimum(1), z.maximum(86_400 * 7))),
});

/** `key` is the launch key or a share's; the others are for a share. */
export const redeemRequest = z.strictObject({
  key: z.string().check(z.minLength(1), z.maxLength(256)),
  passphrase: z.optional(z.string().check(z.minLength(1), z.maxLength(128))),
  name: z.optional(viewerName),
});
export type RedeemRequest = z.infer<typeof redeemRequest>;

/** `serverTime` lets the page count down by the gateway's clock, not by its own. */
export const redeemAnswer = z.object({
  bearer: z.string(),
  expiresAt: z.iso.datetime(),
  serverTime: z.iso.datetime(),
  console: consoleView,
  /** Who redeemed a share's key; null for the holder. */
  viewer: z.nullable(viewerSelf),
});
export type RedeemAnswer = z.infer<typeof redeemAnswer>;

/** Body of `POST …/token`; both optional. `timezone` is an IANA name, for targets that take one. */
export const tokenRequest = z.strictObject({
  display: z.optional(displaySize),
  timezone: z.optional(z.string().check(z.maxLength(64), z.regex(/^[A-Za-z0-9_+\-/]+$/))),
});
export type TokenRequest = z.infer<typeof tokenRequest>;

/** `tunnel` is the WebSocket's URL without its query; the page adds `?token=…`. */
export const tokenAnswer = z.object({
  token: z.string(),
  tunnel: z.string(),
  expiresAt: z.iso.datetime(),
});
export type TokenAnswer = z.infer<typeof tokenAnswer>;

/** Steps that the page names while a console starts, in the order in which they can happen. */
export const CONSOLE_STEPS = [
  'resolving',
  // Told only by a provider whose system limits calls, while it keeps us waiting.
  'waiting-for-provider',
  // Told only where a program is started that shows the console.
  'starting-screen',
  'connecting',
  'waiting-for-picture',
] as const;
export const consoleStep = z.enum(CONSOLE_STEPS);
export type ConsoleStep = z.infer<typeof consoleStep>;

/** The data of one Server-Sent Event of `GET …/events`; the event's name equals `type`. */
export const consoleEvent = z.discriminatedUnion('type', [
  z.object({ type: z.literal('state'), serverTime: z.iso.datetime(), console: consoleView }),
  z.object({ type: z.literal('step'), at: z.iso.datetime(), step: consoleStep }),
]);
export type ConsoleEvent = z.infer<typeof consoleEvent>;
