import type { GuacdSocket } from './guacamole-lite.ts';
import { encode } from './instruction.ts';
import { Silence } from './silence.ts';

const NOP = encode(['nop']);
/** How often guacd is written to within its silence: every two seconds by default. */
const NOPS = 9;

/**
 * Keeps a session of guacd's awake, and calls `silent` when guacd has said nothing for `time`
 * milliseconds. guacd ends a session after 15 s without a word from its user (776), and a hidden tab's
 * timers may sleep longer: whether the browser lives is seen by WebSocket pings. Besides, guacd 1.3.0
 * notices only when it is written to that a session's process has died or that a shell has exited: so it
 * says so soon, even when the page has nothing to say.
 */
export function watchGuacd(guacd: GuacdSocket, time: number, silent: () => void): Silence {
  return new Silence({
    period: time / NOPS,
    periods: NOPS,
    // A slow browser: see FlowControl.
    excused: () => guacd.guacdConnection.isPaused(),
    tick: () => guacd.write(NOP),
    silent,
  });
}
