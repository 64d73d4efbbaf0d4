import { Router } from 'express';
import type { AuditStream } from '../audit/audit-stream.ts';
import type { Policy } from '../auth/policy.ts';
import { type AuditList, auditQuery } from '../contract/index.ts';
import { GatewayError } from '../errors.ts';
import type { Access } from './access.ts';
import { parse } from './parse.ts';
import { methodNotAllowed } from './problems.ts';

export interface AuditRouterParts {
  readonly access: Access;
  readonly auditStream: AuditStream;
  readonly policy: Policy;
}

/** The audit trail, newest first, for administrators. */
export function auditRouter({ access, auditStream, policy }: AuditRouterParts): Router {
  const router = Router();

  router.get('/', async (request, response) => {
    const who = access.principal(request);
    if (!policy.may(who, 'audit')) {
      throw new GatewayError('forbidden', `${who.name} may not read the audit trail`);
    }
    const query = parse(auditQuery, request.query);
    response.json((await auditStream.page(query)) satisfies AuditList);
  });

  router.all('/', methodNotAllowed('GET'));
  return router;
}
