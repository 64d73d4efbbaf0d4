import { Router } from 'express';
import type { Audit } from '../audit/audit.ts';
import type { Policy } from '../auth/policy.ts';
import type { ConsoleService } from '../consoles/console-service.ts';
import { type PowerAnswer, powerRequest } from '../contract/index.ts';
import type { Logger } from '../log.ts';
import type { Inventory } from '../inventory/inventory.ts';
import type { ProviderRegistry } from '../providers/registry.ts';
import type { Access } from './access.ts';
import { controlsOf } from './machine-controls.ts';
import type { MachineLookup } from './machine-lookup.ts';
import { parse } from './parse.ts';
import { methodNotAllowed } from './problems.ts';
import { WAYS, heldConsole, toldMachine } from './told-machine.ts';

export interface PowerRouterParts {
  readonly access: Access;
  readonly audit: Audit;
  readonly consoles: ConsoleService;
  readonly policy: Policy;
  readonly registry: ProviderRegistry;
  readonly lookup: MachineLookup;
  readonly inventory: Inventory;
  readonly log: Logger;
  readonly now: () => number;
}

/** Switching a machine: told to whoever runs it, and not waited for. */
export function powerRouter(parts: PowerRouterParts): Router {
  const { registry, inventory } = parts;
  const router = Router();

  for (const { at, find } of WAYS) {
    router.post(`${at}/power`, async (request, response) => {
      const { action } = parse(powerRequest, request.body);
      const machine = await toldMachine(parts, await find(parts, request), async (found) => {
        await registry.power(found, action);
        return action;
      });
      await inventory.followPower(machine);
      response.status(202).json({ machine: machine.id, action } satisfies PowerAnswer);
    });
    router.all(`${at}/power`, methodNotAllowed('POST'));
  }

  // As the list has it, which is asked for nothing: a page looks whenever its menu is opened.
  router.get('/consoles/:id/machine', async (request, response) => {
    const { machine: id } = await heldConsole(parts, request);
    const machine = inventory.find(id)?.machine ?? (await registry.get(id));
    response.json(controlsOf(machine, true));
  });
  router.all('/consoles/:id/machine', methodNotAllowed('GET'));
  return router;
}
