/** `npm run check`: types, lint, boundaries and format. Runs all of them and shows every failure. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { installNpmPackages } from './npm-packages.mjs';

const root = join(import.meta.dirname, '..');

/** The boundaries (who may import whom) are rules in .oxlintrc.json. */
const CHECKS = [
  { name: 'types of the server', tool: 'tsc', args: ['-p', 'server', '--noEmit'] },
  { name: 'types of the client', tool: 'tsc', args: ['-p', 'client', '--noEmit'] },
  { name: 'types of the tests', tool: 'tsc', args: ['-p', 'test', '--noEmit'] },
  { name: 'lint and boundaries', tool: 'oxlint', args: ['--deny-warnings'] },
  { name: 'format', tool: 'biome', args: ['format', '--max-diagnostics=20', '.'] },
];

/** @param {typeof CHECKS[number]} check @returns {Promise<boolean>} whether it passed */
function run({ name, tool, args }) {
  return new Promise((resolve) => {
    const child = spawn(join(root, 'node_modules/.bin', tool), args, {
      cwd: root,
      stdio: ['ignore', 'pipe', 'pipe'],
      // They write into a pipe; whether colours are wanted is known here.
      env: { ...process.env, [process.stdout.isTTY ? 'FORCE_COLOR' : 'NO_COLOR']: '1' },
    });
    let output = '';
    child.stdout.on('data', (data) => (output += data));
    child.stderr.on('data', (data) => (output += data));
    child.on('error', (error) => (output += error.message));
    child.on('close', (code) => {
      const passed = code === 0;
      console.log(passed ? `check: ${name}: ok` : `${output.trimEnd()}\ncheck: ${name}: FAILED`);
      resolve(passed);
    });
  });
}

installNpmPackages();
const results = await Promise.all(CHECKS.map(run));
if (results.includes(false)) process.exitCode = 1;
