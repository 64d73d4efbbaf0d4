import type { Command } from 'commander';
import { fetchConsoleFile } from '../contract/index.ts';
import { findMachine } from './find-machine.ts';
import { type GatewayOptions, connectGateway, withGateway } from './gateway.ts';

export function addConsoleFile(program: Command): void {
  const command = program
    .command('console-file <machine>')
    .option('--purpose <text>', 'what it is for, where the policy asks')
    .description('print the file with which a native client opens the screen: remote-viewer -')
    .addHelpText(
      'after',
      '\nIt holds a password and soon expires: `rackside console-file vm1 > vm1.vv`.',
    );
  withGateway(command).action(
    async (wanted: string, options: GatewayOptions & { purpose?: string }): Promise<void> => {
      const client = connectGateway(options);
      const { id } = await findMachine(client, wanted);
      const { purpose } = options;
      const { text } = await client.call(fetchConsoleFile, { params: { id }, body: { purpose } });
      process.stdout.write(text);
    },
  );
}
