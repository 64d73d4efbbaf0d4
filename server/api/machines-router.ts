import { Router } from 'express';
import { policy } from '../auth/policy.ts';
import { type MachineView, machineQuery } from '../contract/index.ts';
import { GatewayError } from '../errors.ts';
import type { Machine } from '../providers/provider.ts';
import type { ProviderRegistry } from '../providers/registry.ts';
import type { Access } from './access.ts';
import { pageOf } from './pages.ts';
import { parse } from './parse.ts';
import { methodNotAllowed } from './problems.ts';

/** The machines that the caller may use. */
export function machinesRouter(parts: { access: Access; registry: ProviderRegistry }): Router {
  const { access, registry } = parts;
  const router = Router();

  router.get('/', async (request, response) => {
    const who = access.principal(request);
    const query = parse(machineQuery, request.query);
    const all = await registry.list();
    const mine = all.filter(
      (machine) => policy.mayUseMachine(who, machine) && matches(machine, query),
    );
    const { items, next } = pageOf(mine, (machine) => machine.id, query);
    response.json({ items: items.map(machineView), next });
  });

  router.get('/:id', async (request, response) => {
    const who = access.principal(request);
    const machine = await registry.get(request.params.id);
    if (!policy.mayUseMachine(who, machine)) {
      // Somebody else's machine is not told from none.
      throw new GatewayError(
        'machine_not_found',
        `there is no machine ${JSON.stringify(machine.id)}`,
      );
    }
    response.json(machineView(machine));
  });

  router.all(['/', '/:id'], methodNotAllowed('GET'));
  return router;
}

function machineView(machine: Machine): MachineView {
  const { id, name, provider, type, location, power, consoles } = machine;
  return { id, name, provider: provider.id, type, location, power, consoles: [...consoles] };
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
