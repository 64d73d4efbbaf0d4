import { randomBytes } from 'node:crypto';
import { GatewayError } from '../../../errors.ts';
import { Secret } from '../../../secret.ts';
import type { RedfishClient } from './client.ts';
import { accountReply, collectionReply } from './replies.ts';

export interface TemporaryUsersParts {
  /** With which its sentences begin. */
  readonly name: string;
  readonly client: RedfishClient;
  /** An iDRAC has slots for accounts, which are filled and emptied. */
  readonly slots: boolean;
}

type Signal = AbortSignal | undefined;

const ACCOUNTS = '/redfish/v1/AccountService/Accounts';
/** The first is reserved, the second is root. */
const FIRST_SLOT = 3;

/** A name by which ours are known: the longest that IPMI takes too, 16 bytes. */
export function temporaryName(): string {
  return `rackside${randomBytes(4).toString('hex')}`;
}

/** Accounts on a BMC that live as long as a console does. */
export class TemporaryUsers {
  readonly #parts: TemporaryUsersParts;

  constructor(parts: TemporaryUsersParts) {
    this.#parts = parts;
  }

  /** @returns its password. @throws GatewayError `bmc_slots_full` where no account is free. */
  async create(username: string, role: string, signal: Signal): Promise<Secret> {
    const { client, slots } = this.#parts;
    const password = newPassword();
    const account = { UserName: username, Password: password, RoleId: role, Enabled: true };
    if (slots) await client.patch(await this.#freeSlot(signal), account, signal);
    else await client.post(ACCOUNTS, account, signal);
    return new Secret(password);
  }

  /** One that there is not is no error. */
  async delete(username: string, signal: Signal): Promise<void> {
    const { client, slots } = this.#parts;
    const path = await this.#find((name) => name === username, signal);
    if (path === undefined) return;
    if (!slots) {
      await client.delete(path, signal);
      return;
    }
    // An account that is enabled keeps its slot (Dell, CreateDeleteIdracUsersREDFISH).
    await client.patch(path, { Enabled: false, RoleId: 'None' }, signal);
    await client.patch(path, { UserName: '' }, signal);
  }

  async #freeSlot(signal: Signal): Promise<string> {
    const isFree = (name: string, slot: number) => name === '' && slot >= FIRST_SLOT;
    const path = await this.#find(isFree, signal);
    if (path !== undefined) return path;
    const message = `${this.#parts.name} has no account left for this console`;
    throw new GatewayError('bmc_slots_full', message);
  }

  async #find(
    isWanted: (name: string, slot: number) => boolean,
    signal: Signal,
  ): Promise<string | undefined> {
    const { client } = this.#parts;
    const { Members } = await client.get(collectionReply, ACCOUNTS, signal);
    for (const { '@odata.id': path } of Members) {
      const { UserName } = await client.get(accountReply, path, signal);
      if (isWanted(UserName ?? '', Number(path.split('/').findLast(Boolean)))) return path;
    }
    return undefined;
  }
}

/** With a letter of each kind, which most BMCs demand, and no longer than IPMI takes: 20 bytes. */
function newPassword(): string {
  return `aB3-${randomBytes(12).toString('base64url')}`;
}
