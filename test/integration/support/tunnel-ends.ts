import assert from 'node:assert/strict';
import { logBook } from '../../support/log-book.ts';
import { until } from '../../support/until.ts';

/** The end of this console's tunnel as the log has it, of which there must be one. */
export async function tunnelEnd(consoleId: string): Promise<{ status: string; detail: string }> {
  const lines = () =>
    logBook.text
      .split('\n')
      .filter((line) => line.includes('"tunnel closed"') && line.includes(consoleId));
  await until(() => lines().length > 0, { timeout: 10_000, what: `the end of ${consoleId}` });
  const [line = '', ...more] = lines();
  assert.deepEqual(more, []);
  return JSON.parse(line) as { status: string; detail: string };
}
