/**
 * `npm test [-- mocha's arguments]`: prepares the machine and runs the tests. Files that are named
 * (`npm test -- test/auth/password.test.ts`) run in the place of all.
 */
import { spawn } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { build, buildIsStale } from './build.mjs';
import { setup } from './setup.mjs';

const root = join(import.meta.dirname, '..');
const args = process.argv.slice(2);

setup('test');
if (buildIsStale()) build();

// Mocha adds files from its command line to those of its config, so the config names none.
const namesFiles = args.some((arg) => /^(\.\/)?test\//.test(arg));
// As many files at a time as there are cores, and not many: browsers and emulated machines compute, and a
// test has its seconds for a machine that is not overrun.
const jobs = Math.max(2, Math.min(availableParallelism(), 4));
const mocha = spawn(
  join(root, 'node_modules/.bin/mocha'),
  [
    ...args,
    ...(process.env.CI ? ['--forbid-pending'] : []),
    ...(namesFiles ? [] : ['--parallel', '--jobs', String(jobs), 'test/**/*.test.ts']),
  ],
  { cwd: root, stdio: 'inherit' },
);
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => mocha.kill(signal));
mocha.on('error', (error) => {
  console.error(`test: ${error.message}`);
  process.exitCode = 1;
});
mocha.on('exit', (code) => {
  process.exitCode = code ?? 1;
});
