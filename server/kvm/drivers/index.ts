import type { KvmVendor } from '../../providers/provider-context.ts';
import type { DriverFactory } from '../driver.ts';
import { ami } from './ami.ts';
import { browser } from './browser.ts';
import { dell } from './dell.ts';
import { form } from './form.ts';
import { hpe } from './hpe.ts';
import { supermicro } from './supermicro.ts';

/** Of those whose console is a web page. */
export const DRIVERS: Readonly<Record<Exclude<KvmVendor, 'java'>, DriverFactory>> = {
  ...{ hpe, dell, supermicro, ami },
  ...{ browser, form },
};
