import { consoleView } from '../console.ts';
import { operation } from '../operation.ts';
import { controlRequest, createdShare, shareList, shareRequest } from '../share.ts';
import { LINK_OVER, OVER } from './over.ts';

export const shareConsole = operation({
  method: 'POST',
  path: '/api/v1/consoles/{id}/share',
  tag: 'consoles',
  summary: 'A link to a console for somebody else, to look at or to type, too',
  callers: ['user', 'console'],
  audited: 'share',
  body: shareRequest,
  answers: { 201: createdShare },
  problems: [
    'forbidden',
    'approval_pending',
    'console_not_found',
    'share_limit',
    'rate_limited',
    ...OVER,
  ],
});

export const listShares = operation({
  method: 'GET',
  path: '/api/v1/consoles/{id}/shares',
  tag: 'consoles',
  summary: 'The shared links of a console, oldest first, with those that are over',
  callers: ['user', 'console'],
  answers: { 200: shareList },
  problems: ['forbidden', 'console_not_found'],
});

export const revokeShare = operation({
  method: 'DELETE',
  path: '/api/v1/consoles/{id}/shares/{share}',
  tag: 'consoles',
  summary: 'Revoke a shared link: whoever came by it is out at once',
  callers: ['user', 'console'],
  audited: 'share',
  answers: { 204: null },
  problems: ['forbidden', 'console_not_found', 'not_found'],
});

export const giveControl = operation({
  method: 'POST',
  path: '/api/v1/consoles/{id}/control',
  tag: 'consoles',
  summary: 'Give keyboard and mouse to a viewer, take them, or hand them back',
  callers: ['console'],
  audited: 'control',
  body: controlRequest,
  answers: { 200: consoleView },
  problems: ['forbidden', 'console_not_found', ...LINK_OVER, ...OVER],
});
