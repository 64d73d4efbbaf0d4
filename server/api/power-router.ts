import { Router } from 'express';
import type { Audit } from '../audit/audit.ts';
import type { Policy } from '../auth/policy.ts';
import { assertApproved } from '../consoles/approval.ts';
import { entryOfSwitch } from '../consoles/console-audit.ts';
import type { ConsoleService } from '../consoles/console-service.ts';
import { assertOpen } from '../consoles/console.ts';
import { type PowerAnswer, powerRequest, switchOnRequest } from '../contract/index.ts';
import { GatewayError } from '../errors.ts';
import type { Logger } from '../log.ts';
import type { Inventory } from '../inventory/inventory.ts';
import type { ProviderRegistry } from '../providers/registry.ts';
import type { Access } from './access.ts';
import type { MachineLookup } from './machine-lookup.ts';
import { parse } from './parse.ts';
import { methodNotAllowed } from './problems.ts';
import { noteTold, toldMachine } from './told-machine.ts';

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
  const { access, consoles, registry, inventory, now } = parts;
  const router = Router();

  router.post('/machines/:id/power', async (request, response) => {
    const { action } = parse(powerRequest, request.body);
    const machine = await toldMachine(parts, request, async (found) => {
      await registry.power(found, action);
      return action;
    });
    await inventory.followPower(machine);
    response.status(202).json({ machine: machine.id, action } satisfies PowerAnswer);
  });

  router.post('/consoles/:id/power', async (request, response) => {
    const record = await consoles.get(request.params.id);
    if (access.toManage(request, record, 'power') !== 'holder') {
      throw new GatewayError('forbidden', 'this is for the holder of the console');
    }
    const { action } = parse(switchOnRequest, request.body);
    assertOpen(record, now());
    assertApproved(record);
    const machine = await registry.get(record.machine);
    await registry.power(machine, action);
    noteTold(parts, entryOfSwitch(record, access.actor(request, record), action));
    await inventory.followPower(machine);
    response.status(202).json({ machine: machine.id, action } satisfies PowerAnswer);
  });

  router.all(['/machines/:id/power', '/consoles/:id/power'], methodNotAllowed('POST'));
  return router;
}
