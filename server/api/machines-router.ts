import { Router } from 'express';
import type { Policy } from '../auth/policy.ts';
import type { Principal } from '../auth/principal.ts';
import {
  type MachineQuery,
  type MachineView,
  type ProviderView,
  machineQuery,
} from '../contract/index.ts';
import type { Inventory } from '../inventory/inventory.ts';
import type { IndexedMachine } from '../inventory/machine-index.ts';
import type { Access } from './access.ts';
import { controlsOf } from './machine-controls.ts';
import type { MachineLookup } from './machine-lookup.ts';
import { afterOf, pageOf } from './pages.ts';
import { parse } from './parse.ts';
import { methodNotAllowed } from './problems.ts';

/** The machines that the caller may use. */
export function machinesRouter(parts: {
  access: Access;
  inventory: Inventory;
  lookup: MachineLookup;
  policy: Policy;
}): Router {
  const { access, inventory, lookup, policy } = parts;
  const router = Router();

  function view(who: Principal, { machine, staleSince }: IndexedMachine): MachineView {
    const { id, name, provider, type, location } = machine;
    const actions = policy.actionsOn(who, machine);
    const { kinds, readOnly, purpose, approval } = policy.termsOf(who, who, machine);
    return {
      id,
      name,
      provider: provider.id,
      type,
      location,
      ...controlsOf(machine, actions.includes('power')),
      consoles: machine.consoles.filter((kind) => actions.includes('open') && kinds.includes(kind)),
      actions,
      requires: { purpose, approval, readOnly },
      state: machine.state ?? null,
      labels: [...(machine.labels ?? [])],
      addresses: [...(machine.addresses ?? [])],
      stale: staleSince !== null,
      staleSince: staleSince === null ? null : new Date(staleSince).toISOString(),
      consoleFile: machine.file === true && policy.mayHaveFile(who, machine),
      onlySpice: machine.onlySpice === true,
    };
  }

  function* listed(who: Principal, query: MachineQuery): Generator<IndexedMachine> {
    const owner = policy.onlyOwner(who);
    for (const indexed of inventory.search({ ...query, owner, after: afterOf(query.cursor) })) {
      if (policy.mayOnMachine(who, 'list', indexed.machine)) yield indexed;
    }
  }

  /** One that is too new to be known is asked for. */
  async function find(who: Principal, id: string): Promise<IndexedMachine> {
    const known = inventory.find(id);
    if (known && policy.mayOnMachine(who, 'list', known.machine)) return known;
    return { machine: await lookup.listed(who, id), staleSince: null };
  }

  router.get('/', (request, response) => {
    const who = access.principal(request);
    const query = parse(machineQuery, request.query);
    const { items, next } = pageOf(listed(who, query), ({ machine }) => machine.id, query);
    const providers = policy.mayKnowOfAny(who) ? inventory.providers().map(providerOf) : [];
    response.json({ items: items.map((indexed) => view(who, indexed)), next, providers });
  });

  router.get('/:id', async (request, response) => {
    const who = access.principal(request);
    response.json(view(who, await find(who, request.params.id)));
  });

  router.all(['/', '/:id'], methodNotAllowed('GET'));
  return router;
}

function providerOf({ id, list }: ReturnType<Inventory['providers']>[number]): ProviderView {
  const { machines = [], refreshedAt = 0, failing = false, reason = '' } = list ?? {};
  const heardAt = refreshedAt > 0 ? new Date(refreshedAt).toISOString() : null;
  return { id, machines: machines.length, heardAt, failing, reason: reason || null };
}
