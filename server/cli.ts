#!/usr/bin/env node
import { Command, InvalidArgumentError } from 'commander';
import { addApprovals } from './cli/approvals.ts';
import { addApprove } from './cli/approve.ts';
import { addAudit } from './cli/audit.ts';
import { addBoot } from './cli/boot.ts';
import { addCompletion } from './cli/completion.ts';
import { addConsoleFile } from './cli/console-file.ts';
import { addConsoles } from './cli/consoles.ts';
import { addDoctor } from './cli/doctor.ts';
import { addExtend } from './cli/extend.ts';
import { EXIT, EXIT_HELP, failWith } from './cli/fail.ts';
import { addHashPassword } from './cli/hash-password.ts';
import { addHetzner } from './cli/hetzner.ts';
import { addIdentify } from './cli/identify.ts';
import { addImport } from './cli/import.ts';
import { addKill } from './cli/kill.ts';
import { addMachines } from './cli/machines.ts';
import { addMedia } from './cli/media.ts';
import { addOpen } from './cli/open.ts';
import { addPower } from './cli/power.ts';
import { addRefuse } from './cli/refuse.ts';
import { addShare } from './cli/share.ts';
import { addToken } from './cli/token.ts';
import { addUser } from './cli/user.ts';
import type { StartGateway } from './serve.ts';
import { VERSION } from './version.ts';

const program = new Command('rackside')
  .description('A console gateway: the screen, keyboard and mouse of any server in a browser tab')
  .version(VERSION, '--version')
  .showHelpAfterError('(--help says what there is)')
  .addHelpText('after', EXIT_HELP)
  .exitOverride();

// Loaded when they run: a command that asks a remote gateway does not wait for Express to load.
const startGateway: StartGateway = async (config, log) =>
  (await import('./main.ts')).startGateway(config, log);

program
  .command('serve')
  .description('run the gateway until SIGTERM or SIGINT')
  .option('-c, --config <file>', 'YAML file; settings come from RACKSIDE_… variables too')
  .action(async (options: { config?: string }) => {
    const { serve } = await import('./serve.ts');
    await serve(options, startGateway);
  });

program
  .command('demo')
  .description('run the gateway with a desktop of its own to look at, until Ctrl-C')
  .option('-p, --port <number>', 'port to listen on, 0 for any', portNumber, 8080)
  .action(async (options: { port: number }) => {
    const { runDemo } = await import('./demo/run-demo.ts');
    await runDemo(options, startGateway);
  });

addDoctor(program);
addMachines(program);
addOpen(program);
addConsoles(program);
addConsoleFile(program);
addExtend(program);
addShare(program);
addApprovals(program);
addApprove(program);
addRefuse(program);
addKill(program);
addPower(program);
addBoot(program);
addIdentify(program);
addMedia(program);
addHetzner(program);
addImport(program);
addAudit(program);
addHashPassword(program);
addToken(program);
addUser(program);
addCompletion(program);

// A reader that has seen enough (`| head`) is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit();
  process.stderr.write(`what was to be told cannot be written: ${error.message}\n`);
  process.exit(EXIT.failed);
});
try {
  await program.parseAsync();
} catch (error) {
  failWith(error);
}

function portNumber(text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  if (!(port <= 65_535)) throw new InvalidArgumentError('Expected a port, 0 to 65535.');
  return port;
}
