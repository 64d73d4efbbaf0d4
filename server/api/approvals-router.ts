import { type Request, Router } from 'express';
import type { Actor } from '../audit/actor.ts';
import type { Policy } from '../auth/policy.ts';
import type { Principal } from '../auth/principal.ts';
import { isPending } from '../consoles/approval.ts';
import { ageOf } from '../consoles/console-age.ts';
import type { ConsoleService } from '../consoles/console-service.ts';
import { type ConsoleRecord, viewOf } from '../consoles/console.ts';
import {
  type ConsoleList,
  type ConsoleView,
  approvalQuery,
  approveRequest,
  refuseRequest,
} from '../contract/index.ts';
import { GatewayError } from '../errors.ts';
import type { Access } from './access.ts';
import { listedFor } from './listed-console.ts';
import { afterOf, pageOf } from './pages.ts';
import { parse } from './parse.ts';
import { methodNotAllowed } from './problems.ts';

export interface ApprovalsRouterParts {
  readonly access: Access;
  readonly policy: Policy;
  readonly consoles: ConsoleService;
}

/** Consoles that wait for somebody else: which ones, and the two answers. */
export function approvalsRouter({ access, policy, consoles }: ApprovalsRouterParts): Router {
  const router = Router();

  function mayDecide(who: Principal, record: ConsoleRecord): boolean {
    return policy.mayApprove(who, { ...record, approvers: record.approval?.approvers ?? [] });
  }

  async function decide(
    request: Request<{ id: string }>,
    how: (record: ConsoleRecord, by: Actor & { who: string }) => Promise<ConsoleRecord>,
  ): Promise<ConsoleView> {
    const who = access.principal(request);
    const record = await consoles.get(request.params.id);
    if (!mayDecide(who, record)) {
      throw new GatewayError('forbidden', `${who.name} may not decide about this console`);
    }
    return viewOf(await how(record, { ...access.actor(request), who: who.name }));
  }

  router.get('/approvals', async (request, response) => {
    const who = access.principal(request);
    const query = parse(approvalQuery, request.query);
    const waiting = await consoles.listOpen({
      after: afterOf(query.cursor),
      matches: (record) => isPending(record) && mayDecide(who, record),
      limit: query.limit + 1,
    });
    const { items, next } = pageOf(waiting, ageOf, query);
    response.json({ items: items.map(listedFor(policy, who)), next } satisfies ConsoleList);
  });

  router.post('/consoles/:id/approve', async (request, response) => {
    parse(approveRequest, request.body);
    response.json(await decide(request, ({ id }, by) => consoles.approve(id, by)));
  });

  router.post('/consoles/:id/refuse', async (request, response) => {
    const { detail } = parse(refuseRequest, request.body);
    const refused = await decide(request, ({ id }, by) => consoles.refuse(id, by, detail));
    response.json(refused);
  });

  router.all('/approvals', methodNotAllowed('GET'));
  router.all(['/consoles/:id/approve', '/consoles/:id/refuse'], methodNotAllowed('POST'));
  return router;
}
