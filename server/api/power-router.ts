import { Router } from 'express';
import type { Audit } from '../audit/audit.ts';
import type { Policy } from '../auth/policy.ts';
import { type PowerAnswer, powerRequest } from '../contract/index.ts';
import type { Logger } from '../log.ts';
import type { Inventory } from '../inventory/inventory.ts';
import type { ProviderRegistry } from '../providers/registry.ts';
import type { Access } from './access.ts';
import { parse } from './parse.ts';
import { methodNotAllowed } from './problems.ts';
import { toldMachine } from './told-machine.ts';

export interface PowerRouterParts {
  readonly access: Access;
  readonly audit: Audit;
  readonly policy: Policy;
  readonly registry: ProviderRegistry;
  readonly inventory: Inventory;
  readonly log: Logger;
}

/** Switching a machine: told to whoever runs it, and not waited for. */
export function powerRouter(parts: PowerRouterParts): Router {
  const { registry, inventory } = parts;
  const router = Router();

  router.post('/machines/:id/power', async (request, response) => {
    const { action } = parse(powerRequest, request.body);
    const { id, provider } = await toldMachine(parts, request, async (machine) => {
      await registry.power(machine, action);
      return action;
    });
    inventory.followPower(provider.id);
    response.status(202).json({ machine: id, action } satisfies PowerAnswer);
  });

  router.all('/machines/:id/power', methodNotAllowed('POST'));
  return router;
}
