import type { Command } from 'commander';
import { approveConsole } from '../contract/index.ts';
import { type GatewayOptions, connectGateway, withGateway } from './gateway.ts';
import { print } from './print.ts';

export function addApprove(program: Command): void {
  const command = program
    .command('approve <id>')
    .description('approve a console that waits for it; prints its new end');
  withGateway(command).action(async (id: string, options: GatewayOptions): Promise<void> => {
    const { expiresAt } = await connectGateway(options).call(approveConsole, {
      params: { id },
      body: {},
    });
    print(expiresAt);
  });
}
