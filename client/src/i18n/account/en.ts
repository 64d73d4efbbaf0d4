/** Sentences about a person’s own account. */
export const account = {
  'account.title': 'Your account',
  'account.totp': 'Second factor',
  'account.totpOff':
    'Add a code from an authenticator app to your password: whoever finds out the password alone cannot sign in.',
  'account.totpElsewhere': 'You sign in at another service: a second factor is set up there.',
  'account.totpOn': 'On since {time}: signing in wants a code from your authenticator app.',
  'account.totpRequired':
    'Your administrator wants a second factor on this account. Set it up to go on.',
  'account.codesLeft': {
    one: '{count} recovery code is left.',
    other: '{count} recovery codes are left.',
  },
  'account.setUp': 'Set up',
  'account.scan': 'Scan this with your authenticator app, then type the code that it shows.',
  'account.qr': 'QR code for the authenticator app',
  'account.typeKey': 'No camera? Type this key into the app:',
  'account.code': 'Code from the app, or a recovery code',
  'account.firstCode': 'Code from the app',
  'account.confirm': 'Confirm',
  'account.cancel': 'Cancel',
  'account.codesTitle': 'Your recovery codes',
  'account.codesText':
    'Each one signs you in once when you do not have your phone. Keep them where you keep your passwords: they are not shown again.',
  'account.copy': 'Copy',
  'account.copied': 'Copied',
  'account.download': 'Download',
  'account.codesKept': 'I have kept them',
  'account.newCodes': 'New recovery codes',
  'account.remove': 'Remove the second factor',
  'account.sessions': 'Where you are signed in',
  'account.since': 'since {time}',
  'account.lastSeen': 'last used {time}',
  'account.thisBrowser': 'this browser',
  'account.unknownBrowser': 'Unknown browser',
  'account.endThis': 'Sign out {browser} at {address}',
  'account.endOthers': 'Sign out everywhere else',
} as const;
