import assert from 'node:assert/strict';
import { access, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { TestTunnel } from '../../support/gateway.ts';
import { until } from '../../support/until.ts';

/** Waits until a shell has shown its prompt: a terminal drops what is typed before. */
export function prompt(file: string): Promise<unknown> {
  const shown = () => access(file).then(() => true);
  return until(shown, { timeout: 10_000, what: 'a prompt' });
}

/** Types a command into the machine's terminal and waits for the file that it makes in `home`. */
export async function assertTypes(tunnel: TestTunnel, home: string): Promise<void> {
  const file = join(home, 'typed');
  await rm(file, { force: true });
  tunnel.typeText('echo hello > typed\n');
  const read = () => readFile(file, 'utf8');
  assert.equal(await until(read, { timeout: 10_000, what: 'the typed file' }), 'hello\n');
}

/** Before the next shell, where several follow each other on one machine. */
export function forgetPrompt(file: string): Promise<void> {
  return rm(file, { force: true });
}
