import {
  consoleAnswer,
  consoleEvent,
  consoleList,
  consoleQuery,
  consoleView,
  createConsoleRequest,
  createdConsole,
  extendRequest,
  redeemAnswer,
  redeemRequest,
  tokenAnswer,
  tokenRequest,
} from '../console.ts';
import { operation } from '../operation.ts';
import { LINK_OVER, OVER } from './over.ts';

export const openConsole = operation({
  method: 'POST',
  path: '/api/v1/consoles',
  tag: 'consoles',
  summary: 'Open a console; the answer holds its URL, which works once',
  callers: ['user'],
  audited: 'open',
  body: createConsoleRequest,
  answers: { 201: createdConsole },
  problems: [
    'forbidden',
    'purpose_required',
    'console_limit',
    'machine_not_found',
    'console_kind_unavailable',
    'provider_unavailable',
  ],
});

export const listConsoles = operation({
  method: 'GET',
  path: '/api/v1/consoles',
  tag: 'consoles',
  summary: 'Open consoles that the caller may manage, oldest first',
  callers: ['user'],
  query: consoleQuery,
  answers: { 200: consoleList },
});

export const getConsole = operation({
  method: 'GET',
  path: '/api/v1/consoles/{id}',
  tag: 'consoles',
  summary: 'One console, also when it is closed, until its time is over',
  callers: ['user', 'console'],
  answers: { 200: consoleAnswer },
  problems: ['forbidden', 'console_not_found', ...LINK_OVER],
});

export const watchConsole = operation({
  method: 'GET',
  path: '/api/v1/consoles/{id}/events',
  tag: 'consoles',
  summary: 'Follow a console: its state now, then each step and change until it is closed',
  callers: ['user', 'console'],
  answers: { 200: null },
  events: consoleEvent,
  problems: ['forbidden', 'console_not_found', ...LINK_OVER],
});

export const redeemConsole = operation({
  method: 'POST',
  path: '/api/v1/consoles/{id}/redeem',
  tag: 'consoles',
  summary: 'Bind a console, or a view of it, to this browser by the key of its URL',
  callers: [],
  audited: 'redeem',
  body: redeemRequest,
  answers: { 200: redeemAnswer },
  problems: [
    'console_not_found',
    'launch_key_invalid',
    'launch_key_used',
    'passphrase_required',
    'passphrase_wrong',
    'rate_limited',
    'viewer_limit',
    ...LINK_OVER,
    ...OVER,
  ],
});

export const connectConsole = operation({
  method: 'POST',
  path: '/api/v1/consoles/{id}/token',
  tag: 'consoles',
  summary: 'A token for the tunnel, good for one connection within seconds',
  callers: ['console'],
  audited: 'connect',
  body: tokenRequest,
  answers: { 200: tokenAnswer },
  problems: [
    'forbidden',
    'approval_pending',
    'not_running',
    'console_not_found',
    ...LINK_OVER,
    'machine_not_found',
    'console_kind_unavailable',
    'machine_not_running',
    'machine_busy',
    'console_held',
    'target_unreachable',
    'target_refused',
    'target_credentials_refused',
    'target_certificate_refused',
    'target_unsupported',
    'target_lost',
    ...OVER,
    'provider_unavailable',
    'guacd_unavailable',
  ],
});

export const extendConsole = operation({
  method: 'POST',
  path: '/api/v1/consoles/{id}/extend',
  tag: 'consoles',
  summary: 'Give a console more time',
  callers: ['user', 'console'],
  audited: 'extend',
  body: extendRequest,
  answers: { 200: consoleView },
  problems: ['forbidden', 'approval_pending', 'console_not_found', 'extension_exhausted', ...OVER],
});

export const closeConsole = operation({
  method: 'DELETE',
  path: '/api/v1/consoles/{id}',
  tag: 'consoles',
  summary: 'Close a console everywhere; to close a closed one is no error',
  callers: ['user', 'console'],
  audited: 'close',
  answers: { 204: null },
  problems: ['forbidden', 'console_not_found'],
});
