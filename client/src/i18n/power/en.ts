import type { PowerAction } from '../../../../server/contract/index.ts';

/** Sentences about switching a machine. */
export const power = {
  'switch.on': 'Switch on',
  'switch.off': 'Switch off hard',
  'switch.reset': 'Reset',
  'switch.cycle': 'Off and on again',
  'switch.shutdown': 'Shut down',
  'switch.reboot': 'Reboot',
  'switch.suspend': 'Suspend',
  'switch.nmi': 'Send NMI',
  'switch.title': 'Power of {machine}',
  'switch.warning':
    'The system on {machine} is not asked: what runs there stops at once and may lose data.',
  'switch.told': 'The machine has been told: {action}.',
  'switch.close': 'Close',
} as const satisfies Record<`switch.${PowerAction}`, string> & Record<string, string>;
