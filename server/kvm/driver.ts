import type { BmcPage } from './bmc-page.ts';

/**
 * How one maker's BMC is walked through. Each step ends or throws a GatewayError that says why there
 * is no console: `provider_refused`, `bmc_account_locked`, `bmc_slots_full`, `bmc_license_missing`,
 * `kvm_login_timeout`, `kvm_page_changed`.
 */
export interface Driver {
  /** Signs in. */
  login(): Promise<void>;
  /** Goes to the console's page. */
  openConsole(): Promise<void>;
  /** Resolves when the console is seen. */
  shown(): Promise<void>;
  /** Signs out, be the browser alive or not; after what part of the rest ever. */
  logout(): Promise<void>;
}

export type DriverFactory = (bmc: BmcPage) => Driver;
