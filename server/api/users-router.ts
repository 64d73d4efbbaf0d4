import { Router } from 'express';
import type { Audit } from '../audit/audit.ts';
import type { TotpEnrolments } from '../auth/totp-enrolments.ts';
import type { UserSessions } from '../auth/user-sessions.ts';
import { GatewayError } from '../errors.ts';
import type { Access } from './access.ts';
import { auditFrom } from './audit-from.ts';
import { methodNotAllowed } from './problems.ts';

export interface UsersRouterParts {
  readonly access: Access;
  readonly totp: TotpEnrolments;
  readonly sessions: UserSessions;
  readonly audit: Audit;
  readonly now: () => number;
}

/** `/users`: what administrators do for somebody who has lost their phone. */
export function usersRouter(parts: UsersRouterParts): Router {
  const { access, totp, sessions, audit, now } = parts;
  const router = Router();

  router.delete('/:name/totp', async (request, response) => {
    const { name } = request.params;
    const admin = access.principal(request);
    const detail = `one-time codes of ${name} reset`;
    const via = admin.via === 'token' ? 'token' : 'session';
    const entry = {
      ...auditFrom(request),
      action: 'account',
      who: admin.name,
      via,
      detail,
    } as const;
    if (admin.role !== 'admin' || admin.scope !== null) {
      audit.write({ ...entry, result: 'forbidden' });
      throw new GatewayError('forbidden', 'only administrators reset one-time codes');
    }
    await totp.remove(name);
    // Whoever holds the lost phone may hold a session as well.
    await sessions.endOthers(name, undefined, now());
    audit.write({ ...entry, result: 'ok' });
    response.status(204).end();
  });

  router.all('/:name/totp', methodNotAllowed('DELETE'));
  return router;
}
