import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { RunningChild } from '../platform/child-process.ts';
import { waitUntil } from './wait-until.ts';

const run = promisify(execFile);

/** Resolves once a window with this title is on the screen; rejects when `child`, its maker, ends. */
export async function windowShown(
  title: string,
  { env, child }: { env: NodeJS.ProcessEnv; child: RunningChild },
): Promise<void> {
  // xwd fails on a window that is not there or not visible yet.
  const args = ['-silent', '-name', title, '-out', '/dev/null'];
  const what = `the window "${title}"`;
  await waitUntil(() => run('xwd', args, { env }), { timeout: 10_000, what, child });
}
