import { type Request, Router } from 'express';
import type { Audit } from '../audit/audit.ts';
import type { Policy } from '../auth/policy.ts';
import type { KnownPeople } from '../auth/remote/known-people.ts';
import type { TotpEnrolments } from '../auth/totp-enrolments.ts';
import type { UserSessions } from '../auth/user-sessions.ts';
import type { ConsoleService } from '../consoles/console-service.ts';
import { GatewayError, toGatewayError } from '../errors.ts';
import type { Access } from './access.ts';
import { auditFrom } from './audit-from.ts';
import { methodNotAllowed } from './problems.ts';

export interface UsersRouterParts {
  readonly access: Access;
  readonly policy: Policy;
  readonly people: KnownPeople;
  readonly totp: TotpEnrolments;
  readonly sessions: UserSessions;
  readonly consoles: ConsoleService;
  readonly audit: Audit;
  readonly now: () => number;
}

/** `/users`: what administrators do for somebody who has lost their phone, or has left. */
export function usersRouter(parts: UsersRouterParts): Router {
  const { access, policy, people, totp, sessions, consoles, audit, now } = parts;
  const router = Router();

  /** Does what only administrators may, and writes it down either way. */
  async function asAdmin(request: Request, detail: string, work: () => Promise<void>) {
    const admin = access.principal(request);
    const via = admin.via === 'token' ? 'token' : 'session';
    const entry = {
      ...auditFrom(request),
      action: 'account',
      who: admin.name,
      via,
      detail,
    } as const;
    if (!policy.mayManageUsers(admin)) {
      audit.write({ ...entry, result: 'forbidden' });
      throw new GatewayError('forbidden', 'this is for administrators');
    }
    await work();
    audit.write({ ...entry, result: 'ok' });
  }

  /** Signs them out everywhere, and closes what they have opened there. */
  async function putOut(request: Request, name: string): Promise<void> {
    const ended = await sessions.endOthers(name, undefined, now());
    await consoles.closeOpenedIn(ended, name, access.actor(request));
  }

  router.delete('/:name/totp', async (request, response) => {
    const { name } = request.params;
    await asAdmin(request, `one-time codes of ${name} reset`, async () => {
      await totp.remove(name);
      // Whoever holds the lost phone may hold a session as well.
      await putOut(request, name);
    });
    response.status(204).end();
  });

  router.delete('/:name', async (request, response) => {
    const { name } = request.params;
    await asAdmin(request, `${name} forgotten, the name is free`, async () => {
      if (!(await people.has(name))) {
        throw new GatewayError('not_found', `nobody has come from elsewhere as ${name}`);
      }
      for (const spelling of await people.spellings(name)) {
        await putOut(request, spelling);
        await totp.remove(spelling).catch(unlessNotEnrolled);
      }
      await people.giveUp(name);
    });
    response.status(204).end();
  });

  router.all(['/:name', '/:name/totp'], methodNotAllowed('DELETE'));
  return router;
}

function unlessNotEnrolled(error: unknown): void {
  if (toGatewayError(error).status !== 'totp_not_active') throw error;
}
