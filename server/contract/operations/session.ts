import { operation } from '../operation.ts';
import { loginRequest, me } from '../session.ts';

export const login = operation({
  method: 'POST',
  path: '/api/v1/login',
  tag: 'session',
  summary: 'Sign in; the answer sets a cookie',
  callers: [],
  body: loginRequest,
  answers: { 200: me },
  problems: ['credentials_invalid', 'totp_required', 'totp_wrong', 'rate_limited'],
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
