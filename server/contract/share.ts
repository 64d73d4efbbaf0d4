import * as z from 'zod/mini';
import { line } from './line.ts';

/** Who may type: the holder, or the viewer with this id. */
export const HOLDER = 'holder';

/** What a viewer is called who is not signed in and has not said their name yet. */
export const NAMELESS = 'guest';

export const viewerName = line(64);

/** Characters. The longest is bounded because hashing takes time. */
const passphrase = z.string().check(z.minLength(8), z.maxLength(128));

/**
 * Body of `POST …/share`; `ttl` in seconds, never past the last end that the console can have. Without
 * it the link works as long as the console, however often that is extended.
 */
export const shareRequest = z.strictObject({
  readOnly: z._default(z.boolean(), true),
  ttl: z.optional(z.number().check(z.int(), z.minimum(1), z.maximum(86_400 * 7))),
  passphrase: z.optional(passphrase),
  /** As long as a user's name, which is what staff's links to watch are called. */
  label: z.optional(line(128)),
});
export type ShareRequest = z.infer<typeof shareRequest>;

/** A link to a running console for somebody else. Times are RFC 3339 UTC. */
export const shareView = z.object({
  id: z.string(),
  readOnly: z.boolean(),
  createdAt: z.iso.datetime(),
  expiresAt: z.iso.datetime(),
  /** Whether it asks for one. */
  passphrase: z.boolean(),
  label: z.nullable(z.string()),
  revoked: z.boolean(),
  /** How many people came by it, connected or not. */
  viewers: z.number(),
});
export type ShareView = z.infer<typeof shareView>;

/** Answer of `POST …/share`: the only place where the URL with the share's key appears. */
export const createdShare = z.extend(shareView, { url: z.string() });
export type CreatedShare = z.infer<typeof createdShare>;

export const shareList = z.object({ items: z.array(shareView) });
export type ShareList = z.infer<typeof shareList>;

/** Somebody who came by a share, as everybody at the console sees them. */
export const viewerView = z.object({
  id: z.string(),
  name: z.string(),
  readOnly: z.boolean(),
  since: z.iso.datetime(),
  connected: z.boolean(),
});
export type ViewerView = z.infer<typeof viewerView>;

/** What a viewer's own page is told of itself. */
export const viewerSelf = z.object({ id: z.string(), readOnly: z.boolean() });
export type ViewerSelf = z.infer<typeof viewerSelf>;

/** Body of `POST …/control`: `holder` or a viewer's id. */
export const controlRequest = z.strictObject({
  to: z.string().check(z.minLength(1), z.maxLength(64)),
});
export type ControlRequest = z.infer<typeof controlRequest>;
