import type { DriverFactory } from '../driver.ts';

/** Any page of a BMC, where whoever looks does the rest. */
export const browser: DriverFactory = (bmc) => ({
  login: async () => undefined,
  openConsole: () => bmc.goto(bmc.request.url.pathname + bmc.request.url.search),
  shown: async () => undefined,
  logout: async () => undefined,
});
