import type { Command } from 'commander';
import { listApprovals } from '../contract/index.ts';
import { type GatewayOptions, connectGateway, withGateway } from './gateway.ts';
import { print } from './print.ts';
import { printTable } from './table.ts';

export function addApprovals(program: Command): void {
  const command = program
    .command('approvals')
    .description('list the consoles that wait for your approval')
    .option('--json', 'as the API shows them, one JSON array');
  withGateway(command).action(showApprovals);
}

async function showApprovals(options: GatewayOptions & { json?: true }): Promise<void> {
  const client = connectGateway(options);
  const waiting = [];
  for await (const one of client.all(listApprovals)) waiting.push(one);
  if (options.json) {
    print(JSON.stringify(waiting, null, 2));
    return;
  }
  printTable(
    ['ID', 'MACHINE', 'KIND', 'USER', 'UNTIL', 'PURPOSE'],
    waiting.map(({ id, machine, kind, user, expiresAt, purpose }) => [
      ...[id, machine, kind, user, expiresAt],
      purpose ?? '',
    ]),
  );
}
