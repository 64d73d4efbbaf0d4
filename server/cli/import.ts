import { type Command, Option } from 'commander';
import { configId } from '../providers/config-fields.ts';
import { CliError, EXIT } from './fail.ts';
import { importAnsible } from './import/ansible.ts';
import { importCsv } from './import/csv.ts';
import { type DeliveryOptions, deliver } from './import/deliver.ts';
import { HETZNER_CONSOLE_FILE, importHetznerConsole } from './import/hetzner-console.ts';
import { type NojavaOptions, importNojava } from './import/nojava.ts';
import { NOJAVA_FILE } from './import/nojava/read-nojava.ts';
import type { Imported } from './import/section.ts';
import { type WebsockifyOptions, importWebsockify } from './import/websockify.ts';

/** What other systems know of machines, as a provider's section of the configuration. */
export function addImport(program: Command): void {
  const group = program
    .command('import')
    .description("write a provider's section of what another system knows of machines")
    .addHelpText('after', '\nWhat cannot be carried over is named on standard error.');

  withDelivery(
    group
      .command('hetzner-console [file]')
      .description(
        `hilbix's hetzner-console: its configuration (default: ${HETZNER_CONSOLE_FILE})`,
      ),
    'hetzner',
  ).action((file: string | undefined, options: DeliveryOptions) =>
    run(options, () => importHetznerConsole(file)),
  );
  withDelivery(
    group
      .command('nojava [file]')
      .description(`nojava-ipmi-kvm's hosts, by their BMCs (default: ${NOJAVA_FILE})`)
      .option('--password-file <file>', 'holds the password of the BMCs, and is read from there'),
    'nojava',
  ).action((file: string | undefined, options: DeliveryOptions & NojavaOptions) =>
    run(options, () => importNojava(file, options)),
  );
  withDelivery(
    group
      .command('websockify <folder>')
      .description("token files of websockify, as OpenNebula's old Sunstone writes them")
      .addOption(
        new Option('--machines <what>', 'whether each file is a machine, or each line').choices([
          'files',
          'lines',
        ]),
      )
      .option('--links', 'old links with a token go on working: whoever has one gets in'),
    'websockify',
  ).action((folder: string, options: DeliveryOptions & WebsockifyOptions) =>
    run(options, () => importWebsockify(folder, options)),
  );
  withDelivery(
    group
      .command('ansible <file>')
      .description(
        "an Ansible inventory: a file, a folder, or - for ansible-inventory --list's output",
      ),
    'ansible',
  ).action((file: string, options: DeliveryOptions) => run(options, () => importAnsible(file)));
  withDelivery(
    group.command('csv <file>').description('a table with a header row; - for standard input'),
    'csv',
  ).action((file: string, options: DeliveryOptions) => run(options, () => importCsv(file)));
}

function withDelivery(command: Command, id: string): Command {
  return command
    .option('--id <id>', "the provider's, with which its machines' ids begin", id)
    .option('--secrets <folder>', 'write each secret to a file of its own there, mode 0600')
    .addOption(
      new Option('-o, --output <file>', 'write there, not to standard output').conflicts('into'),
    )
    .option('--into <file>', 'add it to this configuration, or replace the section of that id')
    .option('--force', 'overwrite what is there');
}

function run(options: DeliveryOptions, read: () => Imported): void {
  const id = configId().safeParse(options.id);
  if (!id.success) {
    throw new CliError(`--id: ${id.error.issues[0]?.message}`, EXIT.misconfigured);
  }
  deliver(read(), options);
}
