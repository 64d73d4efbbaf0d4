import type { Vendor } from '../../../server/providers/bmc/schema.ts';

export type SimulatedVendor = Exclude<Vendor, 'other'> | 'hpe-ilo6';

/** In what one maker's Redfish differs from another's. */
export interface VendorTraits {
  readonly oem: Readonly<Record<string, unknown>>;
  readonly system: string;
  readonly manager: string;
  readonly resetTypes: readonly string[];
  /** What may be booted once. */
  readonly bootTargets: readonly string[];
  readonly sessions: number;
  /** How a wrong password is refused. */
  readonly unauthorized: readonly [status: number, messageId: string];
  /** A PATCH without the ETag that it is meant for is refused. */
  readonly needsIfMatch?: true;
  /** Where CD and floppy are: under the manager or the system. */
  readonly mediaUnder?: 'Managers' | 'Systems';
  /** Accounts are slots that are filled and emptied, none is added. */
  readonly accountSlots?: true;
  readonly led: 'IndicatorLED' | 'LocationIndicatorActive';
}

const GRACEFUL = ['On', 'ForceOff', 'GracefulShutdown', 'ForceRestart'];
const BOOT = ['None', 'Pxe', 'Hdd', 'Cd', 'BiosSetup'];

export const VENDORS: Readonly<Record<SimulatedVendor, VendorTraits>> = {
  hpe: {
    oem: { Hpe: { Manager: [{ ManagerType: 'iLO 5' }] } },
    ...{ system: '1', manager: '1', bootTargets: [...BOOT, 'Usb', 'UefiTarget'], sessions: 6 },
    resetTypes: ['On', 'ForceOff', 'GracefulShutdown', 'ForceRestart', 'Nmi', 'PushPowerButton'],
    unauthorized: [401, 'iLO.2.14.UnauthorizedLoginAttempt'],
    ...{ mediaUnder: 'Managers', led: 'IndicatorLED' },
  },
  'hpe-ilo6': {
    oem: { Hpe: { Manager: [{ ManagerType: 'iLO 6' }] } },
    ...{ system: '1', manager: '1', bootTargets: [...BOOT, 'Usb', 'UefiTarget'], sessions: 6 },
    resetTypes: [...GRACEFUL, 'Nmi', 'PushPowerButton', 'GracefulRestart'],
    unauthorized: [400, 'iLO.2.23.UnauthorizedLoginAttempt'],
    ...{ mediaUnder: 'Managers', led: 'LocationIndicatorActive' },
  },
  dell: {
    oem: { Dell: { '@odata.type': '#DellServiceRoot.v1_0_0.DellServiceRoot', IsBranded: 0 } },
    ...{ system: 'System.Embedded.1', manager: 'iDRAC.Embedded.1', sessions: 8 },
    bootTargets: [...BOOT, 'SDCard'],
    resetTypes: ['On', 'ForceOff', 'ForceRestart', 'GracefulShutdown', 'Nmi', 'PowerCycle'],
    unauthorized: [401, 'IDRAC.2.8.SYS415'],
    ...{ mediaUnder: 'Managers', accountSlots: true, led: 'LocationIndicatorActive' },
  },
  supermicro: {
    oem: { Supermicro: { '@odata.type': '#SMCServiceRootExtensions.v1_0_1.ServiceRoot' } },
    ...{ system: '1', manager: '1', bootTargets: BOOT, sessions: 16 },
    resetTypes: [...GRACEFUL, 'GracefulRestart', 'Nmi', 'ForceOn'],
    unauthorized: [401, 'Base.1.4.ResourceAtUriUnauthorized'],
    led: 'IndicatorLED',
  },
  ami: {
    oem: { Ami: { '@odata.type': '#AMIServiceRoot.v1_0_0.ServiceRoot' } },
    ...{ system: 'Self', manager: 'Self', bootTargets: BOOT, sessions: 4 },
    resetTypes: [...GRACEFUL, 'PowerCycle'],
    unauthorized: [401, 'Base.1.5.InsufficientPrivilege'],
    ...{ needsIfMatch: true, mediaUnder: 'Managers', led: 'IndicatorLED' },
  },
  openbmc: {
    oem: {},
    ...{ system: 'system', manager: 'bmc', bootTargets: BOOT, sessions: 64 },
    resetTypes: [...GRACEFUL, 'GracefulRestart', 'ForceOn', 'Nmi', 'PowerCycle'],
    unauthorized: [401, 'Base.1.8.ResourceAtUriUnauthorized'],
    ...{ mediaUnder: 'Managers', led: 'LocationIndicatorActive' },
  },
};
