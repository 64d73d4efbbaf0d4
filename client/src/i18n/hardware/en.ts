import type { BootDevice } from '../../../../server/contract/index.ts';

/** Sentences about what a server is told besides to be switched. */
export const hardware = {
  'hardware.short': 'Hardware…',
  'hardware.title': 'Hardware of {machine}',

  'boot.heading': 'Next start',
  'boot.hint': 'What the machine starts from the next time, and only then. This restarts nothing.',
  'boot.pxe': 'Network (PXE)',
  'boot.disk': 'Disk',
  'boot.cd': 'CD or DVD',
  'boot.setup': 'BIOS setup',
  'boot.none': 'As usual',
  'boot.told': 'The machine has been told. Next start: {device}.',
  'boot.question': 'Next start from {device}?',
  'boot.warning':
    'Whatever {machine} finds there runs by itself when it next starts. If that is an installer, it may overwrite the disks.',
  'boot.confirm': 'Start from there',

  'light.heading': 'Identification light',
  'light.hint': 'It shows which of the machines in the rack is this one.',
  'light.on': 'Let it blink',
  'light.off': 'Switch it off',
  'light.toldOn': 'The light blinks.',
  'light.toldOff': 'The light is off.',

  'media.heading': 'Disk images',
  'media.empty': 'empty',
  'media.image': 'Image',
  'media.elsewhere': 'From an address…',
  'media.url': 'Address of the image',
  'media.urlHint':
    'http, https, nfs or cifs, as far as the machine’s management controller has it.',
  'media.urlFrom': 'Allowed are addresses that begin with: {urls}',
  'media.drive': 'Drive',
  'media.insert': 'Insert',
  'media.eject': 'Take out',
  'media.ejectFrom': 'Take the image out of {drive}',
  'media.looking': 'Looking into the drives…',
  'media.working': 'The management controller is at it. This can take half a minute.',
  'media.inserted': 'The image is in drive {drive}.',
  'media.ejected': 'Drive {drive} is empty.',
  'media.noImages': 'There is no image here that you could insert.',
  'media.noDrives': 'The machine has no drive for images now.',
  'media.noAddress': 'That is no address of an image.',
  'media.notFromThere': 'You may not insert images from that address.',
  'media.question': 'Take the image out of {drive}?',
  'media.warning': 'What runs from it on {machine}, an installer for instance, stops or fails.',
} as const satisfies Record<`boot.${BootDevice}`, string> & Record<string, string>;
