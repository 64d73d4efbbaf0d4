import type { credentials as en } from './en.ts';

export const credentials = {
  'state.prompting': 'Die Maschine verlangt eine Anmeldung',
  'credentials.text':
    '{machine} will das wissen, bevor der Bildschirm zu sehen ist. Es geht an die Maschine und wird nirgends aufbewahrt.',
  'credential.domain': 'Domäne',
  'credential.username': 'Benutzername',
  'credential.password': 'Passwort',
  'credential.passphrase': 'Passphrase des Schlüssels',
  'credentials.send': 'An der Maschine anmelden',
  'credentials.cancel': 'Abbrechen und Konsole schließen',
  'error.target_credentials_wrong': 'Die Maschine hat die Eingabe nicht angenommen.',
  'error.target_credentials_missing':
    'Die Maschine hat eine Anmeldung verlangt und keine Antwort bekommen.',
} as const satisfies Record<keyof typeof en, string>;
