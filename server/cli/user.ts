import type { Command } from 'commander';
import { forgetUser, resetTotp } from '../contract/index.ts';
import { type GatewayOptions, connectGateway, withGateway } from './gateway.ts';

/** What administrators do for people. */
export function addUser(program: Command): void {
  const group = program.command('user').description('for administrators: people and their codes');
  withGateway(
    group
      .command('reset-codes <name>')
      .description('forget the one-time codes of somebody who has lost their phone'),
  ).action(async (name: string, options: GatewayOptions): Promise<void> => {
    await connectGateway(options).call(resetTotp, { params: { name } });
  });
  withGateway(
    group
      .command('forget <name>')
      .description('free the name of somebody of a directory or a provider who has left'),
  ).action(async (name: string, options: GatewayOptions): Promise<void> => {
    await connectGateway(options).call(forgetUser, { params: { name } });
  });
}
