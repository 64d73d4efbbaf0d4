import type { KvmVendor } from '../../providers/provider.ts';
import type { DriverFactory } from '../driver.ts';
import { browser } from './browser.ts';
import { form } from './form.ts';

export const DRIVERS: Readonly<Record<KvmVendor, DriverFactory>> = { browser, form };
