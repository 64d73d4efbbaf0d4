import type { AuditAction, AuditDoor } from '../../../../server/contract/index.ts';
import type { Period } from '../../portal/audit-filter.ts';

/** Sentences about who did what. */
export const audit = {
  'action.login': 'Sign in',
  'action.logout': 'Sign out',
  'action.open': 'Open a console',
  'action.approve': 'Approve a console',
  'action.redeem': 'Redeem a link',
  'action.connect': 'Connect',
  'action.share': 'Share a console',
  'action.control': 'Pass on control',
  'action.extend': 'Extend a console',
  'action.close': 'Close a console',
  'action.power': 'Switch power',
  'action.sync': 'Ask for machines',
  'action.token': 'API token',
  'action.account': 'Account',
  'action.audit': 'Read the audit trail',

  'door.session': 'in the portal',
  'door.token': 'by API token',
  'door.launch': 'by a portal’s link',
  'door.eq': 'by eq.php',
  'door.console': 'from the console',
  'door.guest': 'by a shared link',
  'door.gateway': 'by itself',

  'period.hour': 'Last hour',
  'period.day': 'Last 24 hours',
  'period.week': 'Last 7 days',

  'audit.nav': 'Audit',
  'audit.title': 'Audit trail',
  'audit.when': 'When',
  'audit.who': 'Who',
  'audit.what': 'What',
  'audit.machine': 'Machine',
  'audit.detail': 'Details',
  'audit.console': 'Console ID',
  'audit.action': 'What',
  'audit.result': 'Result',
  'audit.since': 'Period',
  'audit.any': 'All',
  'audit.ok': 'Done',
  'audit.refused': 'Refused',
  'audit.nobody': 'Unknown',
  'audit.gateway': 'The gateway',
  'audit.story': 'This console’s history',
  'audit.clear': 'Show everything',
  'audit.none': 'Nothing found',
  'audit.noneText': 'Nothing like that happened, or it is longer ago than the trail goes back.',
} as const satisfies Record<`action.${AuditAction}`, string> &
  Record<`door.${AuditDoor}`, string> &
  Record<`period.${Period}`, string> &
  Record<string, string>;
