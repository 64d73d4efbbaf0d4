import { approvalQuery, consoleList, consoleView } from '../console.ts';
import { operation } from '../operation.ts';
import { approveRequest, refuseRequest } from '../policy.ts';
import type { StatusCode } from '../status.ts';

const UNDECIDABLE = [
  'forbidden',
  'console_not_found',
  'approval_settled',
  'console_expired',
  'console_ended',
  'console_killed',
] as const satisfies readonly StatusCode[];

export const listApprovals = operation({
  method: 'GET',
  path: '/api/v1/approvals',
  tag: 'consoles',
  summary: 'Consoles that wait for an approval which the caller may give, oldest first',
  callers: ['user'],
  query: approvalQuery,
  answers: { 200: consoleList },
});

export const approveConsole = operation({
  method: 'POST',
  path: '/api/v1/consoles/{id}/approve',
  tag: 'consoles',
  summary: 'Approve a console; its time begins now. To approve it twice is no error',
  callers: ['user'],
  audited: 'approve',
  body: approveRequest,
  answers: { 200: consoleView },
  problems: UNDECIDABLE,
});

export const refuseConsole = operation({
  method: 'POST',
  path: '/api/v1/consoles/{id}/refuse',
  tag: 'consoles',
  summary: 'Refuse a console, which closes it',
  callers: ['user'],
  audited: 'approve',
  body: refuseRequest,
  answers: { 200: consoleView },
  problems: UNDECIDABLE,
});
