import { randomInt } from 'node:crypto';
import type { z } from 'zod';
import { GatewayError } from '../../../errors.ts';
import { isDeclined } from '../declined.ts';
import type { RedfishClient } from './client.ts';
import { attributesReply } from './replies.ts';

export interface IdracVncParts {
  /** With which its sentences begin. */
  readonly name: string;
  readonly client: RedfishClient;
  /** Path of the iDRAC. */
  readonly manager: string;
}

type Attributes = z.output<typeof attributesReply>['Attributes'];
type Signal = AbortSignal | undefined;

const PREFIX = 'VNCServer.1.';
/** An iDRAC's VNC server takes no longer one. */
const PASSWORD_LENGTH = 8;
const LETTERS = 'ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnpqrstuvwxyz23456789';
/** The longest that it lets a viewer be idle, who is watched over by the gateway. s */
const IDLE_S = 10_800;

/** The VNC server of an iDRAC, which is off but for the time of a session. */
export class IdracVnc {
  readonly #parts: IdracVncParts;
  #before: Attributes = {};

  constructor(parts: IdracVncParts) {
    this.#parts = parts;
  }

  /**
   * Switches it on with a password that is good for this session.
   *
   * @throws GatewayError `bmc_license_missing` where the iDRAC does not know its VNC server.
   */
  async enable(signal: Signal): Promise<{ readonly port: number; readonly password: string }> {
    const { path, attributes } = await this.#read(signal);
    const port = attributes[`${PREFIX}Port`];
    if (attributes[`${PREFIX}Enable`] === undefined || !port) {
      const message = `${this.#parts.name}: its VNC server needs an Enterprise licence, and has none`;
      throw new GatewayError('bmc_license_missing', message);
    }
    const changed = ['SSLEncryptionBitLength', 'Timeout'].map((name) => PREFIX + name);
    this.#before = Object.fromEntries(
      Object.entries(attributes).filter(([name]) => changed.includes(name)),
    );
    const password = newPassword();
    await this.#write(
      path,
      {
        [`${PREFIX}Enable`]: 'Enabled',
        [`${PREFIX}Password`]: password,
        // Else it wraps TLS around RFB, which no viewer expects; the way is the management network.
        [`${PREFIX}SSLEncryptionBitLength`]: 'Disabled',
        [`${PREFIX}Timeout`]: IDLE_S,
      },
      signal,
    );
    return { port: Number(port), password };
  }

  /** Switches it off, and its settings back to what they were. An iDRAC that has none is no error. */
  async disable(signal?: Signal): Promise<void> {
    const { path, attributes } = await this.#read(signal);
    if (attributes[`${PREFIX}Enable`] === undefined) return;
    const off = { [`${PREFIX}Enable`]: 'Disabled', [`${PREFIX}Password`]: newPassword() };
    await this.#write(path, { ...this.#before, ...off }, signal);
  }

  /** The attributes have moved with version 5 of the firmware. */
  async #read(signal: Signal): Promise<{ path: string; attributes: Attributes }> {
    const { client, manager } = this.#parts;
    const id = manager.split('/').findLast(Boolean);
    const read = async (path: string) => ({
      path,
      attributes: (await client.get(attributesReply, path, signal)).Attributes,
    });
    try {
      return await read(`${manager}/Oem/Dell/DellAttributes/${id}`);
    } catch (error) {
      if (!isDeclined(error)) throw error;
      return read(`${manager}/Attributes`);
    }
  }

  async #write(path: string, attributes: Attributes, signal: Signal): Promise<void> {
    await this.#parts.client.patch(path, { Attributes: attributes }, signal);
  }
}

function newPassword(): string {
  return Array.from({ length: PASSWORD_LENGTH }, () => LETTERS[randomInt(LETTERS.length)]).join('');
}
