import type { Command } from 'commander';
import { closeConsole } from '../contract/index.ts';
import { type GatewayOptions, connectGateway, withGateway } from './gateway.ts';

export function addKill(program: Command): void {
  const command = program
    .command('kill <id>')
    .description('close a console, wherever it is looked at');
  withGateway(command).action((id: string, options: GatewayOptions) =>
    connectGateway(options).call(closeConsole, { params: { id } }),
  );
}
