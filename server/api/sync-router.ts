import { Router } from 'express';
import type { Audit } from '../audit/audit.ts';
import type { Policy } from '../auth/policy.ts';
import { type SyncAnswer, syncRequest } from '../contract/index.ts';
import { GatewayError } from '../errors.ts';
import type { Inventory } from '../inventory/inventory.ts';
import type { Access } from './access.ts';
import { parse } from './parse.ts';
import { methodNotAllowed } from './problems.ts';

export interface SyncRouterParts {
  readonly access: Access;
  readonly audit: Audit;
  readonly policy: Policy;
  readonly inventory: Inventory;
}

/** Has providers asked for their machines now, by staff who know that something has changed there. */
export function syncRouter({ access, audit, policy, inventory }: SyncRouterParts): Router {
  const router = Router();

  router.post('/machines/sync', async (request, response) => {
    const who = access.principal(request);
    const { provider } = parse(syncRequest, request.body);
    if (!policy.maySync(who)) {
      throw new GatewayError('forbidden', `${who.name} may not have providers asked`);
    }
    const known = inventory.providers().map(({ id }) => id);
    const providers = known.filter((id) => provider === undefined || id === provider);
    if (provider !== undefined && providers.length === 0) {
      const message = `there is no provider ${JSON.stringify(provider)}`;
      throw new GatewayError('not_found', message);
    }
    await Promise.all(providers.map((id) => inventory.sync(id)));
    const entry = { action: 'sync', machine: null, console: null, result: 'ok' } as const;
    audit.write({ ...entry, ...access.actor(request), detail: provider ?? null });
    response.status(202).json({ providers } satisfies SyncAnswer);
  });

  router.all('/machines/sync', methodNotAllowed('POST'));
  return router;
}
