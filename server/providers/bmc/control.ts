import type { BootDevice, PowerAction, PowerState } from '../../contract/index.ts';

/** How a server is, and what can be done to it now. */
export interface ControlStatus {
  readonly power: PowerState;
  readonly powerActions: readonly PowerAction[];
  readonly bootDevices: readonly BootDevice[];
  readonly identify: boolean;
  /** What it tells of itself, as `name=value`. */
  readonly labels: readonly string[];
}

type Signal = AbortSignal | undefined;

/** What a BMC does to its server, by Redfish or by IPMI. */
export interface Control {
  status(signal: Signal): Promise<ControlStatus>;
  /** Resolves when the BMC has taken it. @throws GatewayError `power_unavailable` */
  power(action: PowerAction, signal: Signal): Promise<void>;
  /** What it starts from the next time. @throws GatewayError `power_unavailable` */
  boot(device: BootDevice, signal: Signal): Promise<void>;
  /** @throws GatewayError `power_unavailable` */
  identify(on: boolean, signal: Signal): Promise<void>;
}

/** Of what can be done at all, what can be done in this state. */
export function actionsIn(power: PowerState, known: readonly PowerAction[]): PowerAction[] {
  if (power === 'on') return known.filter((action) => action !== 'on');
  if (power === 'off') return known.filter((action) => action === 'on');
  return [...known];
}
