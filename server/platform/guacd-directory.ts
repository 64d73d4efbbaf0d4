import type { GuacdAddress } from '../providers/provider.ts';
import { GatewayError } from '../errors.ts';
import { answers } from './ports.ts';

/** The guacds of each location. */
export class GuacdDirectory {
  readonly #locations: ReadonlyMap<string, () => readonly GuacdAddress[]>;
  #turn = 0;

  constructor(locations: ReadonlyMap<string, () => readonly GuacdAddress[]>) {
    this.#locations = locations;
  }

  /**
   * A guacd of this location, in turn; one that does not answer is passed over where there are
   * others.
   *
   * @throws GatewayError `guacd_unavailable`
   */
  async pick(location: string): Promise<GuacdAddress> {
    const all = this.#locations.get(location)?.() ?? [];
    this.#turn += 1;
    const inTurn = all.map((_, index) => all[(index + this.#turn) % all.length]);
    for (const address of inTurn) {
      if (address && (all.length === 1 || (await answers(address)))) return address;
    }
    throw new GatewayError('guacd_unavailable', `no guacd answers in location ${location}`);
  }

  /** For each location whether a guacd answers. */
  async check(): Promise<Map<string, boolean>> {
    const found = new Map<string, boolean>();
    for (const [location, addresses] of this.#locations) {
      const up = await Promise.all(addresses().map((address) => answers(address)));
      found.set(location, up.includes(true));
    }
    return found;
  }
}
