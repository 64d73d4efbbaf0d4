import yoctoSpinner from 'yocto-spinner';
import { printable, warn } from './print.ts';

/**
 * Says on standard error what is being done while it is: on a terminal with a spinner that becomes
 * its outcome, elsewhere as a plain line.
 */
export async function step<T>(doing: string, work: () => Promise<T>): Promise<T> {
  if (!process.stderr.isTTY) {
    warn(doing);
    return work();
  }
  const spinner = yoctoSpinner({ text: printable(doing), stream: process.stderr }).start();
  try {
    const result = await work();
    spinner.success();
    return result;
  } catch (error) {
    spinner.error();
    throw error;
  }
}
