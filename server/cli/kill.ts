import type { Command } from 'commander';
import { type GatewayOptions, connectGateway, withGateway } from './gateway.ts';

export function addKill(program: Command): void {
  const command = program
    .command('kill <id>')
    .description('close a console, wherever it is looked at');
  withGateway(command).action((id: string, options: GatewayOptions) =>
    connectGateway(options).close(id),
  );
}
