import { setTimeout } from 'node:timers/promises';
import {
  BOOT_DEVICES,
  type BootDevice,
  type PowerAction,
  type PowerState,
} from '../../../contract/index.ts';
import { GatewayError } from '../../../errors.ts';
import { type Control, type ControlStatus, actionsIn } from '../control.ts';
import { orPowerUnavailable } from '../declined.ts';
import type { RedfishClient } from './client.ts';
import type { RedfishService } from './discover.ts';
import { type System, actionInfoReply, systemReply } from './replies.ts';

/** Redfish's words for each action, the best first (DSP2046, ResetType). */
const RESET_TYPES: Readonly<Partial<Record<PowerAction, readonly string[]>>> = {
  on: ['On', 'ForceOn'],
  off: ['ForceOff'],
  reset: ['ForceRestart'],
  cycle: ['PowerCycle'],
  // A short press of the button asks the system, too.
  shutdown: ['GracefulShutdown', 'PushPowerButton'],
  reboot: ['GracefulRestart'],
  nmi: ['Nmi'],
};

const BOOT_TARGETS: Readonly<Record<BootDevice, string>> = {
  ...{ pxe: 'Pxe', disk: 'Hdd', cd: 'Cd', setup: 'BiosSetup', none: 'None' },
};

const POWER_STATES: Readonly<Record<string, PowerState>> = {
  ...{ On: 'on', Off: 'off', Paused: 'paused' },
  ...{ PoweringOn: 'changing', PoweringOff: 'changing' },
};

/** Between two looks whether a server is off, and how long it is waited for. ms */
const LOOK_MS = 500;
const OFF_MS = 15_000;

type Signal = AbortSignal | undefined;

/** A server as its BMC's Redfish has it. */
export class RedfishControl implements Control {
  readonly #name: string;
  readonly #client: RedfishClient;
  readonly #service: RedfishService;

  constructor(name: string, client: RedfishClient, service: RedfishService) {
    this.#name = name;
    this.#client = client;
    this.#service = service;
  }

  async status(signal: Signal): Promise<ControlStatus> {
    const system = await this.#system(signal);
    const power = powerOf(system);
    const types = await this.#resetTypes(system, signal);
    const known = (Object.keys(RESET_TYPES) as PowerAction[]).filter(
      (action) =>
        wordFor(action, types) !== undefined || (action === 'cycle' && canOffAndOn(types)),
    );
    const { Model, SerialNumber } = system;
    const told = { vendor: this.#service.vendor, model: Model, serial: SerialNumber };
    return {
      ...{ power, powerActions: actionsIn(power, known) },
      ...{ bootDevices: devicesOf(system), identify: lightOf(system, true) !== undefined },
      labels: Object.entries(told).flatMap(([key, value]) =>
        value?.trim() ? [`${key}=${value.trim()}`] : [],
      ),
    };
  }

  async power(action: PowerAction, signal: Signal): Promise<void> {
    const system = await this.#system(signal);
    const types = await this.#resetTypes(system, signal);
    const word = wordFor(action, types);
    if (word !== undefined) await this.#reset(system, word, signal);
    else if (action === 'cycle' && canOffAndOn(types)) await this.#offAndOn(system, types, signal);
    else {
      const message = `${this.#name} has no ${action} for its server`;
      throw new GatewayError('power_unavailable', message);
    }
  }

  async boot(device: BootDevice, signal: Signal): Promise<void> {
    const Boot = {
      BootSourceOverrideTarget: BOOT_TARGETS[device],
      BootSourceOverrideEnabled: device === 'none' ? 'Disabled' : 'Once',
    };
    await orPowerUnavailable(this.#client.patch(this.#service.system, { Boot }, signal));
  }

  async identify(on: boolean, signal: Signal): Promise<void> {
    const light = lightOf(await this.#system(signal), on);
    if (!light) {
      throw new GatewayError('power_unavailable', `${this.#name} has no light of its server`);
    }
    await orPowerUnavailable(this.#client.patch(this.#service.system, light, signal));
  }

  /** Not every BMC has a word for both: it takes no `On` while the server is not off. */
  async #offAndOn(system: System, types: readonly string[], signal: Signal): Promise<void> {
    await this.#reset(system, wordFor('off', types), signal);
    for (let waited = 0; powerOf(await this.#system(signal)) !== 'off'; waited += LOOK_MS) {
      if (waited >= OFF_MS) {
        const message = `${this.#name} was told to go off, is not off yet, and has to be switched on`;
        throw new GatewayError('power_unavailable', message);
      }
      await setTimeout(LOOK_MS, undefined, { signal });
    }
    await this.#reset(system, wordFor('on', types), signal);
  }

  async #reset({ Actions }: System, ResetType: string | undefined, signal: Signal): Promise<void> {
    const target = Actions['#ComputerSystem.Reset']?.target;
    if (target === undefined) {
      throw new GatewayError('power_unavailable', `${this.#name} cannot switch its server`);
    }
    await orPowerUnavailable(this.#client.post(target, { ResetType }, signal));
  }

  #system(signal: Signal): Promise<System> {
    return this.#client.get(systemReply, this.#service.system, signal);
  }

  /** What the BMC takes; where it does not say, only what every BMC has. */
  async #resetTypes({ Actions }: System, signal: Signal): Promise<readonly string[]> {
    const reset = Actions['#ComputerSystem.Reset'];
    if (!reset) return [];
    const values = reset['ResetType@Redfish.AllowableValues'];
    if (values) return values;
    const info = reset['@Redfish.ActionInfo'];
    if (!info?.startsWith('/redfish/v1/')) return ['On', 'ForceOff', 'ForceRestart'];
    const { Parameters } = await this.#client.get(actionInfoReply, info, signal);
    return Parameters.find(({ Name }) => Name === 'ResetType')?.AllowableValues ?? [];
  }
}

function devicesOf({ Boot }: System): BootDevice[] {
  const targets = Boot?.['BootSourceOverrideTarget@Redfish.AllowableValues'];
  return BOOT_DEVICES.filter((device) => Boot && targets?.includes(BOOT_TARGETS[device]));
}

/** What the light is told, in the words that this BMC has for it. */
function lightOf(system: System, on: boolean): object | undefined {
  if (system.LocationIndicatorActive != null) return { LocationIndicatorActive: on };
  return system.IndicatorLED == null ? undefined : { IndicatorLED: on ? 'Blinking' : 'Off' };
}

function powerOf({ PowerState: word }: System): PowerState {
  return POWER_STATES[word ?? ''] ?? 'unknown';
}

function canOffAndOn(types: readonly string[]): boolean {
  return wordFor('off', types) !== undefined && wordFor('on', types) !== undefined;
}

function wordFor(action: PowerAction, types: readonly string[]): string | undefined {
  return RESET_TYPES[action]?.find((word) => types.includes(word));
}
