import { type Request, Router } from 'express';
import type { Audit } from '../audit/audit.ts';
import type { Accounts } from '../auth/accounts.ts';
import type { Principal } from '../auth/principal.ts';
import { type Me, loginRequest } from '../contract/index.ts';
import { GatewayError } from '../errors.ts';
import type { Logger } from '../log.ts';
import type { Access } from './access.ts';
import { parse } from './parse.ts';
import { methodNotAllowed } from './problems.ts';
import { beginSession, endSession } from './session.ts';

/** Sign in, sign out, who am I. */
export function sessionRouter(parts: {
  access: Access;
  accounts: Accounts;
  audit: Audit;
  log: Logger;
}): Router {
  const { access, accounts, audit, log } = parts;
  const router = Router();

  router.post('/login', async (request, response) => {
    const { username, password } = parse(loginRequest, request.body);
    const principal = await accounts.signIn(username, password);
    const entry = { action: 'login', who: username, ...seenFrom(request) } as const;
    if (!principal) {
      audit.write({ ...entry, result: 'credentials_invalid' });
      log.warn({ user: username, address: request.ip }, 'sign-in refused');
      throw new GatewayError('credentials_invalid', 'the user name or the password is wrong');
    }
    await beginSession(request, { user: principal.name });
    audit.write({ ...entry, result: 'ok' });
    log.info({ user: principal.name, address: request.ip }, 'signed in');
    response.json(view(principal));
  });

  router.post('/logout', async (request, response) => {
    await endSession(request);
    response.status(204).end();
  });

  router.get('/me', (request, response) => {
    response.json(view(access.principal(request)));
  });

  router.all(['/login', '/logout'], methodNotAllowed('POST'));
  router.all('/me', methodNotAllowed('GET'));
  return router;
}

function view({ name, role }: Principal): Me {
  return { name, role };
}

function seenFrom(request: Request) {
  const from = request.ip ?? null;
  return { via: 'session', from, machine: null, console: null, detail: null } as const;
}
