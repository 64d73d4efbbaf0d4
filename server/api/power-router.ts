import { Router } from 'express';
import type { Actor } from '../audit/actor.ts';
import type { Audit } from '../audit/audit.ts';
import type { Policy } from '../auth/policy.ts';
import { assertApproved } from '../consoles/approval.ts';
import type { ConsoleService } from '../consoles/console-service.ts';
import { assertOpen } from '../consoles/console.ts';
import {
  type PowerAction,
  type PowerAnswer,
  powerRequest,
  switchOnRequest,
} from '../contract/index.ts';
import { GatewayError } from '../errors.ts';
import type { Logger } from '../log.ts';
import type { Inventory } from '../inventory/inventory.ts';
import type { Machine } from '../providers/provider.ts';
import type { ProviderRegistry } from '../providers/registry.ts';
import type { Access } from './access.ts';
import { parse } from './parse.ts';
import { methodNotAllowed } from './problems.ts';
import { findListed } from './find-listed.ts';

export interface PowerRouterParts {
  readonly access: Access;
  readonly audit: Audit;
  readonly consoles: ConsoleService;
  readonly policy: Policy;
  readonly registry: ProviderRegistry;
  readonly inventory: Inventory;
  readonly log: Logger;
  readonly now: () => number;
}

/** Switching a machine: told to whoever runs it, and not waited for. */
export function powerRouter(parts: PowerRouterParts): Router {
  const { access, audit, consoles, policy, registry, inventory, log, now } = parts;
  const router = Router();

  async function tell(
    machine: Machine,
    action: PowerAction,
    by: Actor,
    console: string | null = null,
  ): Promise<PowerAnswer> {
    const { id } = machine;
    await registry.power(machine, action);
    inventory.followPower(machine.provider.id);
    audit.write({ action: 'power', machine: id, console, result: 'ok', ...by, detail: action });
    log.info({ machine: id, action, by: by.who }, 'machine switched');
    return { machine: id, action };
  }

  router.post('/machines/:id/power', async (request, response) => {
    const who = access.principal(request);
    const { action } = parse(powerRequest, request.body);
    const machine = await findListed(registry, policy, who, request.params.id, 'power');
    if (!policy.mayOnMachine(who, 'power', machine)) {
      throw new GatewayError('forbidden', `${who.name} may not switch ${machine.id}`);
    }
    response.status(202).json(await tell(machine, action, access.actor(request)));
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
    const by = access.actor(request, record);
    response.status(202).json(await tell(machine, action, by, record.id));
  });

  router.all(['/machines/:id/power', '/consoles/:id/power'], methodNotAllowed('POST'));
  return router;
}
