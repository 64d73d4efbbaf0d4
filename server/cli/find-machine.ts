import { type MachineView, getMachine, listMachines } from '../contract/index.ts';
import { GatewayClientError } from '../gateway-client/gateway-client-error.ts';
import type { GatewayClient } from '../gateway-client/gateway-client.ts';
import { CliError, EXIT } from './fail.ts';

/** The API's limit of a search. Characters. */
const LONGEST_QUERY = 200;
const SHOWN = 8;

/**
 * The machine that somebody means: by its id, or else by its name or local id, or else by a part of
 * either that only one machine has.
 *
 * @throws CliError that names the candidates, or says that there is none.
 */
export async function findMachine(client: GatewayClient, wanted: string): Promise<MachineView> {
  const exact = wanted.includes(':') ? await machineById(client, wanted) : undefined;
  if (exact !== undefined) return exact;
  const found: MachineView[] = [];
  if (wanted.length <= LONGEST_QUERY) {
    for await (const machine of client.all(listMachines, { query: { q: wanted } }))
      found.push(machine);
  }
  return choose(found, wanted);
}

/** Which of the machines that a search found is meant. */
export function choose(found: readonly MachineView[], wanted: string): MachineView {
  const text = wanted.toLowerCase();
  const called = found.filter(
    ({ id, name }) =>
      name.toLowerCase() === text || id.slice(id.indexOf(':') + 1).toLowerCase() === text,
  );
  const candidates = called.length > 0 ? called : found;
  const [only, another] = candidates;
  if (only === undefined) {
    throw new CliError(`there is no machine ${JSON.stringify(wanted)}`, EXIT.refused);
  }
  if (another === undefined) return only;
  const lines = candidates.slice(0, SHOWN).map(({ id, name }) => `  ${id}  ${name}`);
  const more = candidates.length > SHOWN ? [`  and ${candidates.length - SHOWN} more`] : [];
  throw new CliError(
    [
      `${JSON.stringify(wanted)} may be any of ${candidates.length} machines, say which:`,
      ...lines,
      ...more,
    ].join('\n'),
    EXIT.misconfigured,
  );
}

async function machineById(client: GatewayClient, id: string): Promise<MachineView | undefined> {
  try {
    return await client.call(getMachine, { params: { id } });
  } catch (error) {
    if (error instanceof GatewayClientError && error.code === 'machine_not_found') return undefined;
    throw error;
  }
}
