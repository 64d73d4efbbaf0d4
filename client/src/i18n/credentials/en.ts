import type { Credential } from '../../../../server/contract/index.ts';

/** Sentences about what the machine asks a person for. */
export const credentials = {
  'state.prompting': 'The machine asks who you are',
  'credentials.text':
    '{machine} wants to know this before it shows its screen. It goes to the machine and is kept nowhere.',
  'credential.domain': 'Domain',
  'credential.username': 'User name',
  'credential.password': 'Password',
  'credential.passphrase': 'Passphrase of the key',
  'credentials.send': 'Sign in to the machine',
  'credentials.cancel': 'Cancel and close the console',
  'error.target_credentials_wrong': 'The machine did not accept what was typed.',
  'error.target_credentials_missing': 'The machine asked who you are, and there was no answer.',
} as const satisfies Record<`credential.${Credential}`, string> & Record<string, string>;
