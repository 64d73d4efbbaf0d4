import { until } from '../../support/until.ts';
import type { VncPeer } from '../../support/vnc.ts';
import type { InputEvent } from '../../support/xev.ts';

/** Milliseconds without an event after which no more is on its way; X repeats a held key faster. */
const QUIET = 150;

/** What arrives at a machine whose screen records its input, from one moment on. */
export class InputRecord {
  readonly #peer: VncPeer;
  #begin = 0;

  constructor(peer: VncPeer) {
    this.#peer = peer;
  }

  /** Forgets what has arrived so far. */
  async begin(): Promise<void> {
    this.#begin = (await this.#peer.inputs()).length;
  }

  async events(): Promise<InputEvent[]> {
    return (await this.#peer.inputs()).slice(this.#begin);
  }

  /** Key changes so far as `+Control_L` and `-Control_L`, oldest first. */
  async keys(): Promise<string[]> {
    return (await this.events()).flatMap(({ type, key }) =>
      key === undefined ? [] : [`${type === 'KeyPress' ? '+' : '-'}${key}`],
    );
  }

  /** The keys that are down now, by what they meant when they went down. */
  async held(): Promise<string[]> {
    const held = new Map<number, string>();
    for (const { type, code = 0, key = '' } of await this.events()) {
      if (type === 'KeyPress') held.set(code, key);
      if (type === 'KeyRelease') held.delete(code);
    }
    return [...held.values()];
  }

  /** Presses and releases of buttons so far. */
  async buttons(): Promise<InputEvent[]> {
    return (await this.events()).filter(({ button }) => button !== undefined);
  }

  /** Waits until so many changes of buttons have arrived. */
  button(count: number): Promise<InputEvent[]> {
    const arrived = async () => {
      const buttons = await this.buttons();
      return buttons.length >= count && buttons;
    };
    return until(arrived, { timeout: 5000, what: `${count} changes of buttons` });
  }

  /** The key changes once the last one is this and nothing has followed it. */
  async keysUntil(last: string): Promise<string[]> {
    let quiet = { count: -1, since: 0 };
    const settled = async () => {
      const keys = await this.keys();
      if (keys.length !== quiet.count) quiet = { count: keys.length, since: performance.now() };
      return keys.at(-1) === last && performance.now() - quiet.since > QUIET && keys;
    };
    try {
      return await until(settled, { timeout: 5000, what: `${last} as the last key` });
    } catch (cause) {
      const came = (await this.keys()).join(' ');
      throw new Error(`${last} is not the last key of: ${came}`, { cause });
    }
  }
}
