import { type Request, Router } from 'express';
import type { Audit } from '../audit/audit.ts';
import type { Accounts } from '../auth/accounts.ts';
import type { ApiTokens } from '../auth/api-tokens.ts';
import type { Policy } from '../auth/policy.ts';
import type { Principal } from '../auth/principal.ts';
import { sourceName } from '../auth/remote/remote-identity.ts';
import type { SignIn } from '../auth/sign-in.ts';
import { type Me, type StatusCode, loginRequest } from '../contract/index.ts';
import type { Logger } from '../log.ts';
import type { Access } from './access.ts';
import { auditFrom } from './audit-from.ts';
import type { DeviceCookie } from './device-cookie.ts';
import { parse } from './parse.ts';
import { gatewayErrorOf, methodNotAllowed } from './problems.ts';
import { holderName, holderOf } from './session.ts';
import type { SignedIn } from './signed-in.ts';

/** Refusals of somebody whose name and password were right. */
const PROVEN: ReadonlySet<StatusCode> = new Set(['totp_wrong', 'not_permitted', 'name_taken']);

export interface SessionRouterParts {
  readonly access: Access;
  readonly accounts: Accounts;
  readonly apiTokens: ApiTokens;
  readonly policy: Policy;
  readonly signIn: SignIn;
  readonly signedIn: SignedIn;
  readonly deviceCookie: DeviceCookie;
  readonly audit: Audit;
  readonly log: Logger;
}

/** Sign in, sign out, who am I. */
export function sessionRouter(parts: SessionRouterParts): Router {
  const { access, accounts, apiTokens, policy, signIn, signedIn, deviceCookie, audit, log } = parts;
  const router = Router();

  router.post('/login', access.requireSession, async (request, response) => {
    const { username, password, totp } = parse(loginRequest, request.body);
    const entry = { ...auditFrom(request), action: 'login' } as const;
    const whence = deviceCookie.whence(request, username);
    const proof = { username, password, totp };
    const { principal, secondFactor } = await signIn.prove(proof, whence).catch((error) => {
      const { status } = gatewayErrorOf(error);
      // Not a failure: a page asks by it whether a code is wanted.
      if (status === 'totp_required') throw error;
      // What is nobody's name may be a password that was typed in the wrong field.
      const isName =
        PROVEN.has(status) || whence.device !== undefined || accounts.user(username) !== undefined;
      audit.write({ ...entry, who: isName ? username : null, result: status });
      const user = isName && { user: username };
      log.warn({ ...user, address: request.ip, code: status }, 'sign-in refused');
      throw error;
    });
    await signedIn.begin(request, holderOf(principal), secondFactor);
    deviceCookie.remember(request, response, principal.name);
    const { name: who, remote } = principal;
    const by = [
      ...(remote ? [sourceName(remote.source)] : []),
      ...(secondFactor ? ['with a second factor'] : []),
    ];
    audit.write({ ...entry, who, result: 'ok', detail: by.join(', ') || null });
    log.info({ user: principal.name, address: request.ip }, 'signed in');
    response.json(view(request, principal));
  });

  router.post('/logout', access.requireSession, async (request, response) => {
    const who = holderName(request.session);
    await signedIn.end(request);
    if (who !== undefined) {
      audit.write({ ...auditFrom(request), action: 'logout', who, result: 'ok' });
    }
    response.status(204).end();
  });

  router.get('/me', (request, response) => {
    response.json(view(request, access.known(request)));
  });

  router.all(['/login', '/logout'], methodNotAllowed('POST'));
  router.all('/me', methodNotAllowed('GET'));
  return router;

  function view(request: Request, who: Principal): Me {
    const mustEnrol = access.mustEnrol(request, who);
    const mayHaveTokens = !mustEnrol && policy.mayMakeTokens(who) && apiTokens.mayHave(who);
    return {
      ...{ name: who.name, role: who.role },
      ...(mustEnrol && { mustEnrolTotp: true }),
      ...(mayHaveTokens && { mayHaveTokens: true }),
    };
  }
}
