/** Sentences about consoles that are open, asked for, or wait for somebody's approval. */
export const consoles = {
  'state.approving': 'Waiting for approval',

  'approval.title': 'Waiting for a second person’s approval',
  'approval.text':
    'Somebody else has to approve the console of {machine} first. This page goes on by itself. The request is good until {time}.',
  'approval.purpose': 'Purpose: {purpose}',
  'approval.refused': 'Refused',
  'approval.expired': 'Nobody approved the console in time',

  'purpose.title': 'What do you need {machine} for?',
  'purpose.label': 'Purpose',
  'purpose.hint': 'It is kept with the record of this console.',
  'purpose.approval': 'Somebody else has to approve the console before it opens.',
  'purpose.open': 'Open the console',
  'purpose.cancel': 'Cancel',

  'portal.approvals': 'Waiting for your approval',
  'portal.wants': '{user} asks for {machine}',
  'portal.askedBy': 'asked for by {name}',
  'portal.approve': 'Approve',
  'portal.approveOf': 'Approve {machine} for {user}',
  'portal.refuse': 'Refuse…',
  'portal.refuseOf': 'Refuse {machine} to {user}',
  'portal.refuseTitle': 'Refuse the console of {machine}?',
  'portal.refuseDetail': 'Reason, which {user} reads (optional)',
  'portal.refuseConfirm': 'Refuse',
  'portal.consoles': 'Your open consoles',
  'portal.left': '{left} left',
  'portal.leftUntil': 'Closes at {time}',
  'portal.forUser': 'opened for {user}',
  'portal.extendOf': 'Extend {kind} of {machine}',
  'portal.show': 'Show',
  'portal.showOf': 'Show {kind} of {machine} in a new tab',
  'portal.close': 'Close…',
  'portal.closeOf': 'Close {kind} of {machine}',
} as const;
