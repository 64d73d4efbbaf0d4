/**
 * `node scripts/run.mjs demo|serve|dev [argument…]`: what `npm run demo`, `npm start` and `npm run dev`
 * do. Prepares what is missing and becomes the gateway, in this very process: a signal or Ctrl-C reaches
 * the gateway itself and its exit code is ours.
 */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build, buildIsStale } from './build.mjs';
import { installNpmPackages } from './npm-packages.mjs';
import { setup } from './setup.mjs';

const root = join(import.meta.dirname, '..');
const cli = join(root, 'dist/server/cli.js');
const [command, ...args] = process.argv.slice(2);
// Whoever asks what there is to know must not have packages installed for it.
const asksForHelp = args.includes('--help') || args.includes('-h');

/** @param {string} subcommand */
async function becomeGateway(subcommand) {
  process.argv = [process.argv[0], cli, subcommand, ...args];
  await import(pathToFileURL(cli).href);
}

function buildIfStale() {
  // A production install has no build tools and needs none while dist is what the sources say.
  const stale = buildIsStale();
  installNpmPackages({ dev: stale });
  if (stale) build();
}

/** Rebuilds the page and restarts the server on every change. The two end together. */
function develop() {
  const bin = (name) => join(root, 'node_modules/.bin', name);
  const children = [
    spawn(bin('vite'), ['build', 'client', '--watch', '--logLevel', 'warn'], { stdio: 'inherit' }),
    spawn(bin('tsx'), ['watch', join(root, 'server/cli.ts'), 'serve', ...args], {
      stdio: 'inherit',
    }),
  ];
  let ending = false;
  const endAll = () => {
    // Once: tsx takes a second signal as an order to kill the gateway.
    if (!ending) for (const child of children) child.kill('SIGTERM');
    ending = true;
  };
  for (const child of children) {
    child.on('exit', (code) => {
      process.exitCode ||= code ?? 0;
      endAll();
    });
  }
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, endAll);
}

switch (command) {
  case 'demo':
    if (!asksForHelp) setup('demo');
    buildIfStale();
    await becomeGateway('demo');
    break;
  case 'serve':
    setup('serve');
    buildIfStale();
    await becomeGateway('serve');
    break;
  case 'dev':
    setup('serve');
    buildIfStale();
    develop();
    break;
  default:
    console.error('usage: node scripts/run.mjs demo|serve|dev [argument…]');
    process.exit(2);
}
