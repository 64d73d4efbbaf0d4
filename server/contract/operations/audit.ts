import { auditList, auditQuery } from '../audit.ts';
import { operation } from '../operation.ts';

export const listAudit = operation({
  method: 'GET',
  path: '/api/v1/audit',
  tag: 'gateway',
  summary: 'Who did what, newest first; a page may be short where a filter finds little',
  callers: ['user'],
  audited: 'audit',
  query: auditQuery,
  answers: { 200: auditList },
  problems: ['forbidden'],
});
