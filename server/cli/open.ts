import { type Command, Option } from 'commander';
import {
  CONSOLE_KINDS,
  type ConsoleKind,
  type CreatedConsole,
  openConsole,
} from '../contract/index.ts';
import { showInBrowser } from './browser.ts';
import { CliError } from './fail.ts';
import { findMachine } from './find-machine.ts';
import { type GatewayOptions, connectGateway, wholeSeconds, withGateway } from './gateway.ts';
import { print, warn } from './print.ts';
import { step } from './step.ts';

interface OpenOptions extends GatewayOptions {
  readonly kind?: ConsoleKind;
  readonly readOnly?: true;
  readonly ttl?: number;
  readonly purpose?: string;
  readonly browser?: true;
}

export function addOpen(program: Command): void {
  const command = program
    .command('open <machine>')
    .description('open a console; prints its URL, which works once')
    .addOption(new Option('-k, --kind <kind>', 'which of its consoles').choices(CONSOLE_KINDS))
    .option('-r, --read-only', 'to look at only')
    .option('-p, --purpose <text>', 'for what; some machines are not opened without')
    .option('-t, --ttl <seconds>', "until it closes (default: the gateway's own)", wholeSeconds)
    .option('-b, --browser', 'show it in the browser in the place of printing the URL')
    .addHelpText(
      'after',
      '\nA machine is called by its id (lab:desk), by its name, or by a part of either that no\n' +
        'other machine has.',
    );
  withGateway(command).action(openMachine);
}

async function openMachine(wanted: string, options: OpenOptions): Promise<void> {
  const client = connectGateway(options);
  const machine = await step(`looking for ${wanted}`, () => findMachine(client, wanted));
  const { kind, readOnly, ttl, purpose } = options;
  const opened = await step(`opening a console of ${machine.name}`, () =>
    client.call(openConsole, { body: { machine: machine.id, kind, readOnly, ttl, purpose } }),
  );
  if (process.stderr.isTTY) warn(summary(opened));
  if (!options.browser) {
    print(opened.url);
    return;
  }
  if (await step('showing it in the browser', () => showInBrowser(opened.url))) return;
  print(opened.url);
  throw new CliError('no browser came for it: open this URL yourself');
}

function summary({ id, machineName, kind, readOnly, expiresAt }: CreatedConsole): string {
  return `${machineName}: ${kind}${readOnly ? ', read-only' : ''}, console ${id}, until ${expiresAt}`;
}
