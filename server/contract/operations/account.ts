import {
  recoveryCodes,
  sessionList,
  totpBegin,
  totpBegun,
  totpConfirm,
  totpProof,
  totpStatus,
} from '../account.ts';
import { operation } from '../operation.ts';

export const totpState = operation({
  method: 'GET',
  path: '/api/v1/me/totp',
  tag: 'account',
  summary: 'Whether the caller has enrolled for one-time codes',
  callers: ['person'],
  answers: { 200: totpStatus },
});

export const beginTotp = operation({
  method: 'POST',
  path: '/api/v1/me/totp',
  tag: 'account',
  summary: 'Begin to enrol; the answer holds the secret, which waits for its first code',
  callers: ['person'],
  body: totpBegin,
  answers: { 201: totpBegun },
  problems: ['credentials_invalid', 'rate_limited', 'totp_active'],
});

export const confirmTotp = operation({
  method: 'POST',
  path: '/api/v1/me/totp/confirm',
  tag: 'account',
  summary: 'Enrol, by a code of the secret that waits; the recovery codes are shown this once',
  callers: ['person'],
  body: totpConfirm,
  answers: { 200: recoveryCodes },
  problems: ['totp_wrong', 'totp_not_begun', 'totp_active'],
});

const PROOF = ['credentials_invalid', 'totp_wrong', 'totp_not_active', 'rate_limited'] as const;

export const renewRecoveryCodes = operation({
  method: 'POST',
  path: '/api/v1/me/totp/recovery-codes',
  tag: 'account',
  summary: 'New recovery codes in the place of the old ones, shown this once',
  callers: ['person'],
  body: totpProof,
  answers: { 200: recoveryCodes },
  problems: [...PROOF],
});

export const removeTotp = operation({
  method: 'DELETE',
  path: '/api/v1/me/totp',
  tag: 'account',
  summary: 'Give up one-time codes, or a phone to enrol another',
  callers: ['person'],
  body: totpProof,
  answers: { 204: null },
  problems: [...PROOF],
});

export const resetTotp = operation({
  method: 'DELETE',
  path: '/api/v1/users/{name}/totp',
  tag: 'account',
  summary: "For administrators: forget a user's enrolment and end their sessions",
  callers: ['user'],
  answers: { 204: null },
  problems: ['forbidden', 'totp_not_active'],
});

export const forgetUser = operation({
  method: 'DELETE',
  path: '/api/v1/users/{name}',
  tag: 'account',
  summary:
    'For administrators: somebody of a directory or a provider has left. Their codes and sessions ' +
    'are gone, and whoever comes by their name next has it',
  callers: ['user'],
  answers: { 204: null },
  problems: ['forbidden', 'not_found'],
});

export const listSessions = operation({
  method: 'GET',
  path: '/api/v1/me/sessions',
  tag: 'account',
  summary: 'Where the caller is signed in, the newest first',
  callers: ['person'],
  answers: { 200: sessionList },
});

export const endSession = operation({
  method: 'DELETE',
  path: '/api/v1/me/sessions/{id}',
  tag: 'account',
  summary: 'End one of the caller’s sessions, on every replica',
  callers: ['person'],
  answers: { 204: null },
  problems: ['session_not_found'],
});

export const endOtherSessions = operation({
  method: 'DELETE',
  path: '/api/v1/me/sessions',
  tag: 'account',
  summary: 'End all of the caller’s sessions but this one',
  callers: ['person'],
  answers: { 204: null },
});
