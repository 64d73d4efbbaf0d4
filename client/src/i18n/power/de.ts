import type { power as en } from './en.ts';

export const power = {
  'switch.on': 'Einschalten',
  'switch.off': 'Hart ausschalten',
  'switch.reset': 'Zurücksetzen',
  'switch.cycle': 'Aus- und wieder einschalten',
  'switch.shutdown': 'Herunterfahren',
  'switch.reboot': 'Neu starten',
  'switch.suspend': 'Anhalten und merken',
  'switch.nmi': 'NMI senden',
  'switch.title': 'Strom von {machine}',
  'switch.warning':
    'Das System auf {machine} wird nicht gefragt: Was dort läuft, hält sofort an und kann Daten verlieren.',
  'switch.told': 'Der Maschine wurde gesagt: {action}.',
  'switch.close': 'Schließen',
} as const satisfies Record<keyof typeof en, string>;
