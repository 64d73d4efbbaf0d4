import type { Command } from 'commander';
import { refuseConsole } from '../contract/index.ts';
import { type GatewayOptions, connectGateway, withGateway } from './gateway.ts';

export function addRefuse(program: Command): void {
  const command = program
    .command('refuse <id>')
    .description('refuse a console that waits for approval, which closes it')
    .option('-d, --detail <text>', 'why; whoever waits reads it');
  withGateway(command).action(
    async (id: string, options: GatewayOptions & { detail?: string }): Promise<void> => {
      const { detail } = options;
      await connectGateway(options).call(refuseConsole, { params: { id }, body: { detail } });
    },
  );
}
