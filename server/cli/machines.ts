import type { Command } from 'commander';
import {
  type MachineView,
  type ProviderView,
  listMachines,
  syncMachines,
} from '../contract/index.ts';
import { CliError, EXIT } from './fail.ts';
import { type GatewayOptions, connectGateway, withGateway } from './gateway.ts';
import { print, printable, warn } from './print.ts';
import { printTable } from './table.ts';

export function addMachines(program: Command): void {
  const command = program
    .command('machines')
    .description('list the machines that have consoles')
    .option('-q, --query <text>', 'only those whose id or name holds this')
    .option('-p, --provider <id>', 'only those of this provider')
    .option('--json', 'as the API shows them, one JSON array');
  withGateway(command).action(showMachines);
  const sync = command
    .command('sync [provider]')
    .description('have the provider, or all, asked for their machines now; prints who is asked');
  withGateway(sync).action(async (provider: string | undefined) => {
    // Options that both have are the parent's.
    const options = sync.optsWithGlobals<GatewayOptions>();
    const { providers } = await connectGateway(options).call(syncMachines, { body: { provider } });
    for (const id of providers) print(printable(id));
  });
}

async function showMachines(
  options: GatewayOptions & { query?: string; provider?: string; json?: true },
): Promise<void> {
  const client = connectGateway(options);
  const machines: MachineView[] = [];
  let providers: readonly ProviderView[] = [];
  const query = { q: options.query, provider: options.provider };
  for await (const page of client.pages(listMachines, { query })) {
    machines.push(...page.items);
    providers = page.providers;
  }
  tellProviders(providers, options.provider);
  if (options.json) {
    print(JSON.stringify(machines, null, 2));
    return;
  }
  printTable(
    ['ID', 'NAME', 'TYPE', 'LOCATION', 'POWER', 'CONSOLES', 'STATE'],
    machines.map(({ id, name, type, location, power, consoles, state }) => [
      id,
      name,
      type,
      location,
      power,
      consoles.join(','),
      state ?? '',
    ]),
  );
}

/** What the list does not show: staff are told which providers are not heard. */
function tellProviders(providers: readonly ProviderView[], wanted: string | undefined): void {
  if (wanted !== undefined && providers.length > 0 && !providers.some(({ id }) => id === wanted)) {
    throw new CliError(`there is no provider ${JSON.stringify(wanted)}`, EXIT.refused);
  }
  for (const { id, failing, heardAt, reason } of providers) {
    if (!failing || id !== (wanted ?? id)) continue;
    const since = heardAt === null ? 'has not answered yet' : `has not answered since ${heardAt}`;
    warn(`${id} ${since}${reason === null ? '' : `: ${reason}`}`);
  }
}
