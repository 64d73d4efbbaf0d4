import type { Secret } from '../../secret.ts';
import { HeldRefusal } from '../held-refusal.ts';
import type { ProviderContext } from '../provider-context.ts';
import type { RedfishClient } from './redfish/client.ts';
import { TemporaryUsers, temporaryName } from './redfish/temporary-user.ts';
import { REFUSED_MS } from './refused-ms.ts';
import type { HostSettings, Vendor } from './schema.ts';

export interface ConsoleAccountsParts extends Pick<ProviderContext, 'debts' | 'now'> {
  readonly name: string;
  readonly settings: HostSettings;
  readonly client: RedfishClient;
  /** Of the gateway's own account. */
  readonly refusal: HeldRefusal;
}

/** With which a console signs in at its BMC. */
export interface ConsoleAccount {
  readonly username: string;
  readonly password: Secret;
  readonly refusal: HeldRefusal;
  /** Ends it, where it was made for this console. Never rejects. */
  release(): Promise<void>;
}

/** For deleting an account. ms */
const DELETE_MS = 30_000;

/** The accounts of a host's consoles: the gateway's own, or one for each where that is configured. */
export class ConsoleAccounts {
  readonly #parts: ConsoleAccountsParts;

  constructor(parts: ConsoleAccountsParts) {
    this.#parts = parts;
  }

  /** @throws GatewayError `bmc_slots_full` where no account is free. */
  async take(vendor: Vendor, signal: AbortSignal): Promise<ConsoleAccount> {
    const { settings, debts, refusal, now } = this.#parts;
    const { id: machine, username, password, temporaryUser } = settings;
    if (!temporaryUser) return { username, password, refusal, release: async () => undefined };
    const name = temporaryName();
    const settle = await debts.owe({ machine, what: `user:${name}` });
    const release = () => settle(() => this.remove(name, vendor));
    try {
      const made = await this.#users(vendor).create(name, temporaryUser.role, signal);
      return { username: name, password: made, refusal: new HeldRefusal(now, REFUSED_MS), release };
    } catch (error) {
      void release();
      throw error;
    }
  }

  async remove(username: string, vendor: Vendor): Promise<void> {
    await this.#users(vendor).delete(username, AbortSignal.timeout(DELETE_MS));
  }

  #users(vendor: Vendor): TemporaryUsers {
    const { name, client } = this.#parts;
    return new TemporaryUsers({ name, client, slots: vendor === 'dell' });
  }
}
