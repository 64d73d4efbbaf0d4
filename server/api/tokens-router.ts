import { Router } from 'express';
import type { Audit } from '../audit/audit.ts';
import { type ApiTokens, ageOf } from '../auth/api-tokens.ts';
import type { Policy } from '../auth/policy.ts';
import {
  type ApiTokenList,
  type CreatedApiToken,
  apiTokenQuery,
  createApiTokenRequest,
} from '../contract/index.ts';
import { GatewayError } from '../errors.ts';
import type { Access } from './access.ts';
import { pageOf } from './pages.ts';
import { parse } from './parse.ts';
import { methodNotAllowed } from './problems.ts';

export interface TokensRouterParts {
  readonly access: Access;
  readonly audit: Audit;
  readonly policy: Policy;
  readonly apiTokens: ApiTokens;
}

/** API tokens that users make for themselves: made, listed, revoked. */
export function tokensRouter({ access, audit, policy, apiTokens }: TokensRouterParts): Router {
  const router = Router();

  router.post('/', async (request, response) => {
    const who = access.principal(request);
    const wanted = parse(createApiTokenRequest, request.body);
    if (!policy.mayMakeTokens(who)) {
      throw new GatewayError('forbidden', 'a token cannot make tokens: sign in');
    }
    const created = await apiTokens.create(who, wanted);
    const detail = `created ${created.id}: ${created.name}`;
    audit.write({ ...tokenEntry, ...access.actor(request), detail });
    response.status(201).json(created satisfies CreatedApiToken);
  });

  router.get('/', async (request, response) => {
    const who = access.principal(request);
    const query = parse(apiTokenQuery, request.query);
    const owner = query.owner ?? (policy.mayManageTokensOf(who, null) ? null : who.name);
    if (!policy.mayManageTokensOf(who, owner)) {
      throw new GatewayError('forbidden', `${who.name} may not see these tokens`);
    }
    const { items, next } = pageOf(await apiTokens.list(owner), ageOf, query);
    response.json({ items: [...items], next } satisfies ApiTokenList);
  });

  router.delete('/:id', async (request, response) => {
    const who = access.principal(request);
    const token = await apiTokens.get(request.params.id);
    if (!policy.mayManageTokensOf(who, token.owner)) {
      // Somebody else's token is not told from none.
      throw new GatewayError('api_token_not_found', 'there is no such API token');
    }
    await apiTokens.revoke(token);
    const detail = `revoked ${token.id}: ${token.name} of ${token.owner}`;
    audit.write({ ...tokenEntry, ...access.actor(request), detail });
    response.status(204).end();
  });

  router.all('/', methodNotAllowed('GET', 'POST'));
  router.all('/:id', methodNotAllowed('DELETE'));
  return router;
}

const tokenEntry = { action: 'token', machine: null, console: null, result: 'ok' } as const;
