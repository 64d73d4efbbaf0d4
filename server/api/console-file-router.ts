import { Router } from 'express';
import type { Audit } from '../audit/audit.ts';
import type { Policy } from '../auth/policy.ts';
import { type ConsoleFile, consoleFileRequest } from '../contract/index.ts';
import { GatewayError } from '../errors.ts';
import type { ProviderRegistry } from '../providers/registry.ts';
import type { Access } from './access.ts';
import type { MachineLookup } from './machine-lookup.ts';
import { parse } from './parse.ts';
import { methodNotAllowed } from './problems.ts';

export interface ConsoleFileRouterParts {
  readonly access: Access;
  readonly audit: Audit;
  readonly policy: Policy;
  readonly registry: ProviderRegistry;
  readonly lookup: MachineLookup;
}

/** Files with which native clients open consoles, past the gateway. */
export function consoleFileRouter(parts: ConsoleFileRouterParts) {
  const { access, audit, policy, registry, lookup } = parts;
  const router = Router();

  // It sets a ticket and may end somebody's session, so that it is no GET.
  router.post('/machines/:id/console-file', async (request, response) => {
    const who = access.principal(request);
    const { purpose } = parse(consoleFileRequest, request.body);
    const machine = await lookup.listed(who, request.params.id);
    if (!policy.mayHaveFile(who, machine)) {
      const message = `${who.name} may have no file for a native client of ${machine.id}`;
      throw new GatewayError('forbidden', message);
    }
    if (purpose === undefined && policy.termsOf(who, who, machine).purpose) {
      throw new GatewayError('purpose_required', `say for what ${machine.id} is opened`, {
        errors: [{ path: 'purpose', message: 'expected a purpose' }],
      });
    }
    const file = await registry.file(machine);
    const detail = ['file for a native client', ...(purpose ? [purpose] : [])].join(': ');
    const entry = { action: 'open', machine: machine.id, console: null, result: 'ok' } as const;
    audit.write({ ...entry, ...access.actor(request), detail });
    response.json(file satisfies ConsoleFile);
  });

  router.all('/machines/:id/console-file', methodNotAllowed('POST'));
  return router;
}
