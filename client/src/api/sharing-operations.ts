import {
  consoleView,
  controlRequest,
  createdShare,
  operation,
  shareList,
  shareRequest,
} from '../../../server/contract/index.ts';

export const shareConsole = operation({
  method: 'POST',
  path: '/api/v1/consoles/{id}/share',
  tag: 'consoles',
  summary: 'Make a link by which somebody else joins a console',
  callers: ['user', 'console'],
  body: shareRequest,
  answers: { 201: createdShare },
});

export const listShares = operation({
  method: 'GET',
  path: '/api/v1/consoles/{id}/shares',
  tag: 'consoles',
  summary: 'The links to a console',
  callers: ['user', 'console'],
  answers: { 200: shareList },
});

export const revokeShare = operation({
  method: 'DELETE',
  path: '/api/v1/consoles/{id}/shares/{share}',
  tag: 'consoles',
  summary: 'Revoke a link to a console',
  callers: ['user', 'console'],
  answers: { 204: null },
});

export const giveControl = operation({
  method: 'POST',
  path: '/api/v1/consoles/{id}/control',
  tag: 'consoles',
  summary: 'Say whose keyboard and mouse count',
  callers: ['user', 'console'],
  body: controlRequest,
  answers: { 200: consoleView },
});
