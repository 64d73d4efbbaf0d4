import { HOLDER } from '../contract/index.ts';
import type { TunnelGrant } from '../consoles/tunnel-port.ts';

/** Opcodes that go on to guacd; `all` for every one that a page may send at all. */
export type InputRights = ReadonlySet<string> | 'all';

/**
 * A viewer's `sync` is not among them: guacd draws no faster than the slowest of a connection's users
 * says that it can, and one who answers three seconds late stops the picture for all (seen with
 * 1.3.0). The holder's pace is the picture's; one who says nothing counts as fast enough.
 */
const WATCHING = new Set(['nop', 'ack']);
/** The size of the display is the holder's, whoever types. */
const LOOKING = new Set([...WATCHING, 'sync', 'size']);
/** Keyboard, pointer and clipboard: no size, no files, no parameters. */
const TYPING = new Set([...WATCHING, 'key', 'mouse', 'touch', 'clipboard', 'blob', 'end']);

/** The name by which control is given. */
export function participantOf({ viewer }: TunnelGrant): string {
  return viewer?.id ?? HOLDER;
}

/**
 * What this participant's page may tell guacd. Lists of what is allowed, so that an opcode of a
 * later guacd is not input by surprise.
 */
export function rightsOf(grant: TunnelGrant, control: string): InputRights {
  const types = !grant.readOnly && control === participantOf(grant);
  if (grant.viewer) return types ? TYPING : WATCHING;
  return types ? 'all' : LOOKING;
}
