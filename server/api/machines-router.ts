import { Router } from 'express';
import type { Policy } from '../auth/policy.ts';
import type { Principal } from '../auth/principal.ts';
import { type MachineView, machineQuery } from '../contract/index.ts';
import type { Machine } from '../providers/provider.ts';
import type { ProviderRegistry } from '../providers/registry.ts';
import type { Access } from './access.ts';
import { findListed } from './find-listed.ts';
import { pageOf } from './pages.ts';
import { parse } from './parse.ts';
import { methodNotAllowed } from './problems.ts';

/** The machines that the caller may use. */
export function machinesRouter(parts: {
  access: Access;
  registry: ProviderRegistry;
  policy: Policy;
}): Router {
  const { access, registry, policy } = parts;
  const router = Router();

  function view(who: Principal, machine: Machine): MachineView {
    const { id, name, provider, type, location, power } = machine;
    const actions = policy.actionsOn(who, machine);
    const { kinds, readOnly, purpose, approval } = policy.termsOf(who, who, machine);
    return {
      id,
      name,
      provider: provider.id,
      type,
      location,
      power,
      consoles: machine.consoles.filter((kind) => actions.includes('open') && kinds.includes(kind)),
      actions,
      requires: { purpose, approval, readOnly },
      powerActions: actions.includes('power') ? [...(machine.powerActions ?? [])] : [],
    };
  }

  router.get('/', async (request, response) => {
    const who = access.principal(request);
    const query = parse(machineQuery, request.query);
    const all = await registry.list();
    const mine = all.filter(
      (machine) => policy.mayOnMachine(who, 'list', machine) && matches(machine, query),
    );
    const { items, next } = pageOf(mine, (machine) => machine.id, query);
    response.json({ items: items.map((machine) => view(who, machine)), next });
  });

  router.get('/:id', async (request, response) => {
    const who = access.principal(request);
    const machine = await findListed(registry, policy, who, request.params.id);
    response.json(view(who, machine));
  });

  router.all(['/', '/:id'], methodNotAllowed('GET'));
  return router;
}

function matches(
  machine: Machine,
  query: { q?: string | undefined; provider?: string | undefined; location?: string | undefined },
): boolean {
  const text = `${machine.id}\n${machine.name}`.toLowerCase();
  return (
    text.includes((query.q ?? '').toLowerCase()) &&
    (query.provider === undefined || machine.provider.id === query.provider) &&
    (query.location === undefined || machine.location === query.location)
  );
}
