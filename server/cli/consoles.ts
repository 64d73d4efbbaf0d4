import type { Command } from 'commander';
import { listConsoles } from '../contract/index.ts';
import { type GatewayOptions, connectGateway, withGateway } from './gateway.ts';
import { print } from './print.ts';
import { printTable } from './table.ts';

export function addConsoles(program: Command): void {
  const command = program
    .command('consoles')
    .description('list the open consoles')
    .option('--json', 'as the API shows them, one JSON array');
  withGateway(command).action(showConsoles);
}

async function showConsoles(options: GatewayOptions & { json?: true }): Promise<void> {
  const client = connectGateway(options);
  const consoles = [];
  for await (const one of client.all(listConsoles)) consoles.push(one);
  if (options.json) {
    print(JSON.stringify(consoles, null, 2));
    return;
  }
  printTable(
    ['ID', 'MACHINE', 'KIND', 'MODE', 'USER', 'STATE', 'EXPIRES'],
    consoles.map(({ id, machine, kind, readOnly, user, state, approval, expiresAt }) => [
      id,
      machine,
      kind,
      readOnly ? 'read-only' : 'control',
      user,
      approval === 'pending' ? 'to be approved' : state,
      expiresAt,
    ]),
  );
}
