import { Router } from 'express';
import type { Audit } from '../audit/audit.ts';
import type { Policy } from '../auth/policy.ts';
import { type PowerAnswer, powerRequest } from '../contract/index.ts';
import { GatewayError } from '../errors.ts';
import type { Logger } from '../log.ts';
import type { Inventory } from '../inventory/inventory.ts';
import type { ProviderRegistry } from '../providers/registry.ts';
import type { Access } from './access.ts';
import { parse } from './parse.ts';
import { methodNotAllowed } from './problems.ts';
import { findListed } from './find-listed.ts';

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
  const { access, audit, policy, registry, inventory, log } = parts;
  const router = Router();

  router.post('/machines/:id/power', async (request, response) => {
    const who = access.principal(request);
    const { action } = parse(powerRequest, request.body);
    const machine = await findListed(registry, policy, who, request.params.id, 'power');
    if (!policy.mayOnMachine(who, 'power', machine)) {
      throw new GatewayError('forbidden', `${who.name} may not switch ${machine.id}`);
    }
    await registry.power(machine, action);
    inventory.followPower(machine.provider.id);
    const entry = { action: 'power', machine: machine.id, console: null, result: 'ok' } as const;
    audit.write({ ...entry, ...access.actor(request), detail: action });
    log.info({ machine: machine.id, action, by: who.name }, 'machine switched');
    response.status(202).json({ machine: machine.id, action } satisfies PowerAnswer);
  });

  router.all('/machines/:id/power', methodNotAllowed('POST'));
  return router;
}
