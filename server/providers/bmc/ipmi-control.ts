import {
  BOOT_DEVICES,
  type BootDevice,
  type PowerAction,
  type PowerState,
} from '../../contract/index.ts';
import { GatewayError } from '../../errors.ts';
import { type Control, type ControlStatus, actionsIn } from './control.ts';
import { isDeclined, orPowerUnavailable } from './declined.ts';
import type { Ipmitool } from './ipmitool.ts';

/** ipmitool's words (IPMI 2.0, 28.3 "Chassis Control"). */
const COMMANDS: Readonly<Partial<Record<PowerAction, string>>> = {
  ...{ on: 'on', off: 'off', reset: 'reset', cycle: 'cycle', shutdown: 'soft', nmi: 'diag' },
};

const BOOT_WORDS: Readonly<Record<BootDevice, string>> = {
  ...{ pxe: 'pxe', disk: 'disk', cd: 'cdrom', setup: 'bios', none: 'none' },
};

/**
 * Set System Boot Options, parameter 3, bit 3: what the server is to start from is not forgotten after 60 s
 * (IPMI 2.0, table 28-14 "Boot Option Parameters").
 */
const KEEP_BOOT_FLAGS = ['raw', '0x00', '0x08', '0x03', '0x08'];

type Signal = AbortSignal | undefined;

/** A server as its BMC's IPMI has it. */
export class IpmiControl implements Control {
  readonly #name: string;
  readonly #ipmitool: Ipmitool;

  constructor(name: string, ipmitool: Ipmitool) {
    this.#name = name;
    this.#ipmitool = ipmitool;
  }

  async status(signal: Signal): Promise<ControlStatus> {
    const printed = await this.#ipmitool.run(['chassis', 'power', 'status'], signal);
    const [, word] = /Chassis Power is (on|off)/i.exec(printed) ?? [];
    const power = (word?.toLowerCase() ?? 'unknown') as PowerState;
    const known = Object.keys(COMMANDS) as PowerAction[];
    return {
      ...{ power, powerActions: actionsIn(power, known), labels: [] },
      ...{ bootDevices: BOOT_DEVICES, identify: true },
    };
  }

  async power(action: PowerAction, signal: Signal): Promise<void> {
    const command = COMMANDS[action];
    if (command === undefined) {
      const message = `${this.#name} has no ${action} over IPMI`;
      throw new GatewayError('power_unavailable', message);
    }
    await this.#told(['chassis', 'power', command], signal);
  }

  async boot(device: BootDevice, signal: Signal): Promise<void> {
    // One that does not know it forgets what comes next after that time, as it would have.
    await this.#ipmitool.run(KEEP_BOOT_FLAGS, signal).catch((error: unknown) => {
      if (!isDeclined(error)) throw error;
    });
    await this.#told(['chassis', 'bootdev', BOOT_WORDS[device]], signal);
  }

  async identify(on: boolean, signal: Signal): Promise<void> {
    await this.#told(['chassis', 'identify', on ? 'force' : '0'], signal);
  }

  async #told(command: readonly string[], signal: Signal): Promise<void> {
    await orPowerUnavailable(this.#ipmitool.run(command, signal));
  }
}
