import {
  type BootDevice,
  type DriveView,
  type InsertRequest,
  type MediaView,
  type PowerAction,
  bootConsoleMachine,
  bootOnce,
  ejectConsoleMedia,
  ejectMedia,
  identifyConsoleMachine,
  identifyMachine,
  insertConsoleMedia,
  insertMedia,
  showConsoleMedia,
  showMedia,
  switchConsoleMachine,
  switchMachine,
} from '../../../server/contract/index.ts';
import type { GatewayClient } from '../../../server/gateway-client/gateway-client.ts';

/** What one machine is told: it has been told then, not more. Each rejects with what `faultOf` reads. */
export interface MachineCalls {
  power(action: PowerAction): Promise<unknown>;
  boot(device: BootDevice): Promise<unknown>;
  identify(on: boolean): Promise<unknown>;
  media(signal: AbortSignal): Promise<MediaView>;
  insert(body: InsertRequest): Promise<DriveView>;
  eject(drive: string): Promise<void>;
}

/** By the machine's own id. */
export function callsOfMachine(gateway: GatewayClient, id: string): MachineCalls {
  const params = { id };
  return {
    power: (action) => gateway.call(switchMachine, { params, body: { action } }),
    boot: (device) => gateway.call(bootOnce, { params, body: { device } }),
    identify: (on) => gateway.call(identifyMachine, { params, body: { on } }),
    media: (signal) => gateway.call(showMedia, { params, signal }),
    insert: (body) => gateway.call(insertMedia, { params, body }),
    eject: (drive) => gateway.call(ejectMedia, { params: { id, drive } }),
  };
}

/** By a console of it that this page holds. */
export function callsOfConsole(gateway: GatewayClient, id: string): MachineCalls {
  const params = { id };
  return {
    power: (action) => gateway.call(switchConsoleMachine, { params, body: { action } }),
    boot: (device) => gateway.call(bootConsoleMachine, { params, body: { device } }),
    identify: (on) => gateway.call(identifyConsoleMachine, { params, body: { on } }),
    media: (signal) => gateway.call(showConsoleMedia, { params, signal }),
    insert: (body) => gateway.call(insertConsoleMedia, { params, body }),
    eject: (drive) => gateway.call(ejectConsoleMedia, { params: { id, drive } }),
  };
}
