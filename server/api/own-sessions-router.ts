import { Router } from 'express';
import type { Audit } from '../audit/audit.ts';
import type { UserSession, UserSessions } from '../auth/user-sessions.ts';
import type { ConsoleService } from '../consoles/console-service.ts';
import type { SessionList, SessionView } from '../contract/index.ts';
import { GatewayError } from '../errors.ts';
import type { Access } from './access.ts';
import { auditFrom } from './audit-from.ts';
import { methodNotAllowed } from './problems.ts';

export interface OwnSessionsRouterParts {
  readonly access: Access;
  readonly sessions: UserSessions;
  readonly consoles: ConsoleService;
  readonly audit: Audit;
  readonly now: () => number;
}

/** `/me/sessions`: where somebody is signed in, and ending it with the consoles opened there. */
export function ownSessionsRouter(parts: OwnSessionsRouterParts): Router {
  const { access, sessions, consoles, audit, now } = parts;
  const router = Router();

  router.get('/', async (request, response) => {
    const { name } = access.person(request);
    const current = request.session.signedIn?.id;
    const found = await sessions.list(name, now());
    const items = found.map((session) => viewOf(session, session.id === current));
    response.json({ items, next: null } satisfies SessionList);
  });

  router.delete('/', async (request, response) => {
    const { name } = access.person(request);
    const ended = await sessions.endOthers(name, request.session.signedIn?.id, now());
    await consoles.closeOpenedIn(ended, name, access.actor(request));
    const detail = 'ended all other sessions';
    audit.write({ ...auditFrom(request), action: 'account', who: name, result: 'ok', detail });
    response.status(204).end();
  });

  router.delete('/:id', async (request, response) => {
    const { name } = access.person(request);
    const { id } = request.params;
    if (!(await sessions.end(name, id, now()))) {
      throw new GatewayError('session_not_found', `${name} has no session ${JSON.stringify(id)}`);
    }
    await consoles.closeOpenedIn([id], name, access.actor(request));
    const detail = `ended session ${id}`;
    audit.write({ ...auditFrom(request), action: 'account', who: name, result: 'ok', detail });
    response.status(204).end();
  });

  router.all('/', methodNotAllowed('GET', 'DELETE'));
  router.all('/:id', methodNotAllowed('DELETE'));
  return router;
}

function viewOf(session: UserSession, current: boolean): SessionView {
  const { id, createdAt, seenAt, endsAt, address, agent } = session;
  return {
    id,
    createdAt: new Date(createdAt).toISOString(),
    lastSeenAt: new Date(seenAt).toISOString(),
    expiresAt: new Date(endsAt).toISOString(),
    address,
    userAgent: agent,
    current,
  };
}
