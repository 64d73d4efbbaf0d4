import { operation } from '../operation.ts';
import { loginRequest, me, oidcCallbackQuery, signInMethods } from '../session.ts';

export const login = operation({
  method: 'POST',
  path: '/api/v1/login',
  tag: 'session',
  summary: 'Sign in; the answer sets a cookie',
  callers: [],
  body: loginRequest,
  answers: { 200: me },
  problems: [
    'credentials_invalid',
    'totp_required',
    'totp_wrong',
    'rate_limited',
    'not_permitted',
    'name_taken',
    'sign_in_unavailable',
  ],
});

export const logout = operation({
  method: 'POST',
  path: '/api/v1/logout',
  tag: 'session',
  summary: 'Sign out; the session is gone',
  callers: [],
  answers: { 204: null },
});

export const whoAmI = operation({
  method: 'GET',
  path: '/api/v1/me',
  tag: 'session',
  summary: 'Who is asking',
  callers: ['user'],
  answers: { 200: me },
});

export const waysToSignIn = operation({
  method: 'GET',
  path: '/api/v1/sign-in',
  tag: 'session',
  summary: 'Which ways to sign in there are',
  callers: [],
  answers: { 200: signInMethods },
});

export const beginOidc = operation({
  method: 'GET',
  path: '/api/v1/login/oidc/{id}',
  tag: 'session',
  summary: 'For browsers: sign in at an OpenID Connect provider',
  callers: [],
  answers: { 303: null },
  problems: ['not_found', 'sign_in_unavailable'],
});

export const finishOidc = operation({
  method: 'GET',
  path: '/api/v1/login/oidc/{id}/callback',
  tag: 'session',
  summary: 'For browsers: where the provider sends them back to, and on to the portal',
  callers: [],
  query: oidcCallbackQuery,
  answers: { 303: null },
  problems: [
    'not_found',
    'sign_in_expired',
    'sign_in_failed',
    'not_permitted',
    'name_taken',
    'sign_in_unavailable',
  ],
});
