import {
  apiTokenList,
  apiTokenQuery,
  createApiTokenRequest,
  createdApiToken,
} from '../api-token.ts';
import { operation } from '../operation.ts';

export const createApiToken = operation({
  method: 'POST',
  path: '/api/v1/tokens',
  tag: 'account',
  summary: 'Make an API token for oneself; the answer alone holds it. Not with a token',
  callers: ['user'],
  audited: 'token',
  body: createApiTokenRequest,
  answers: { 201: createdApiToken },
  problems: ['forbidden', 'api_token_limit'],
});

export const listApiTokens = operation({
  method: 'GET',
  path: '/api/v1/tokens',
  tag: 'account',
  summary: 'API tokens that were made here: the caller’s own, for administrators all',
  callers: ['user'],
  query: apiTokenQuery,
  answers: { 200: apiTokenList },
  problems: ['forbidden'],
});

export const revokeApiToken = operation({
  method: 'DELETE',
  path: '/api/v1/tokens/{id}',
  tag: 'account',
  summary: 'Revoke an API token, at once on every replica',
  callers: ['user'],
  audited: 'token',
  answers: { 204: null },
  problems: ['forbidden', 'api_token_not_found'],
});
