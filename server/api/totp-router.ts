import { type Request, Router } from 'express';
import type { Audit } from '../audit/audit.ts';
import type { Principal } from '../auth/principal.ts';
import type { SignIn } from '../auth/sign-in.ts';
import type { TotpEnrolments } from '../auth/totp-enrolments.ts';
import {
  type RecoveryCodes,
  type TotpBegun,
  type TotpStatus,
  totpBegin,
  totpConfirm,
  totpProof,
} from '../contract/index.ts';
import { GatewayError } from '../errors.ts';
import type { Access } from './access.ts';
import { auditFrom } from './audit-from.ts';
import type { DeviceCookie } from './device-cookie.ts';
import { parse } from './parse.ts';
import { gatewayErrorOf, methodNotAllowed } from './problems.ts';
import type { SignedIn } from './signed-in.ts';

export interface TotpRouterParts {
  readonly access: Access;
  readonly signIn: SignIn;
  readonly signedIn: SignedIn;
  readonly deviceCookie: DeviceCookie;
  readonly totp: TotpEnrolments;
  readonly wantsTotp: (who: Principal) => boolean;
  readonly audit: Audit;
}

/** `/me/totp`: somebody's own one-time codes. Whatever changes them wants the password again. */
export function totpRouter(parts: TotpRouterParts): Router {
  const { access, signIn, signedIn, deviceCookie, totp } = parts;
  const router = Router();

  /** Runs a change of the caller's account, and writes down how it went. */
  async function changed<T>(request: Request, detail: string, change: () => Promise<T>) {
    const entry = { ...auditFrom(request), action: 'account', detail } as const;
    const who = access.person(request).name;
    try {
      const done = await change();
      parts.audit.write({ ...entry, who, result: 'ok' });
      return done;
    } catch (error) {
      parts.audit.write({ ...entry, who, result: gatewayErrorOf(error).status });
      throw error;
    }
  }

  router.get('/', async (request, response) => {
    const who = access.person(request);
    const found = await totp.status(who.name);
    response.json({
      active: found !== undefined,
      available: isOurs(who),
      required: parts.wantsTotp(who),
      since: found ? new Date(found.since).toISOString() : null,
      recoveryCodesLeft: found?.recoveryCodesLeft ?? 0,
    } satisfies TotpStatus);
  });

  router.post('/', async (request, response) => {
    const who = access.person(request);
    const { name } = who;
    const { password } = parse(totpBegin, request.body);
    if (!isOurs(who)) {
      throw new GatewayError('forbidden', `${name} signs in at a provider, which sees to that`);
    }
    const { secret, uri, expiresAt } = await changed(request, 'one-time codes begun', async () => {
      const proof = { username: name, password, owner: name };
      await signIn.byPassword(proof, deviceCookie.whence(request, name));
      return totp.begin(name);
    });
    const until = new Date(expiresAt).toISOString();
    response.status(201).json({ secret, uri, expiresAt: until } satisfies TotpBegun);
  });

  router.post('/confirm', async (request, response) => {
    const { name } = access.person(request);
    const { code } = parse(totpConfirm, request.body);
    const codes = await changed(request, 'one-time codes enrolled', () => totp.confirm(name, code));
    signedIn.setSecondFactor(request, true);
    response.json({ recoveryCodes: codes } satisfies RecoveryCodes);
  });

  router.post('/recovery-codes', async (request, response) => {
    const { name } = access.person(request);
    const codes = await changed(request, 'recovery codes made anew', async () => {
      await prove(request, name);
      return totp.renewRecoveryCodes(name);
    });
    response.json({ recoveryCodes: codes } satisfies RecoveryCodes);
  });

  router.delete('/', async (request, response) => {
    const { name } = access.person(request);
    await changed(request, 'one-time codes removed', async () => {
      await prove(request, name);
      await totp.remove(name);
    });
    signedIn.setSecondFactor(request, false);
    response.status(204).end();
  });

  router.all('/', methodNotAllowed('GET', 'POST', 'DELETE'));
  router.all(['/confirm', '/recovery-codes'], methodNotAllowed('POST'));
  return router;

  async function prove(request: Request, owner: string): Promise<void> {
    const { password, code } = parse(totpProof, request.body);
    const proof = { username: owner, password, totp: code, owner };
    await signIn.prove(proof, deviceCookie.whence(request, owner));
  }
}

/** Whether it is the gateway that asks for a password, and so for a code. */
function isOurs({ remote }: Principal): boolean {
  return remote?.source.type !== 'oidc';
}
