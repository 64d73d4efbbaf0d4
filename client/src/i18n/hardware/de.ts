import type { hardware as en } from './en.ts';

export const hardware = {
  'hardware.short': 'Gerät…',
  'hardware.title': 'Hardware von {machine}',

  'boot.heading': 'Nächster Start',
  'boot.hint':
    'Wovon die Maschine beim nächsten Mal startet, und nur dann. Neu gestartet wird hierdurch nichts.',
  'boot.pxe': 'Netzwerk (PXE)',
  'boot.disk': 'Festplatte',
  'boot.cd': 'CD oder DVD',
  'boot.setup': 'BIOS-Setup',
  'boot.none': 'Wie sonst',
  'boot.told': 'Der Maschine wurde es gesagt. Nächster Start: {device}.',
  'boot.question': 'Nächster Start von: {device}?',
  'boot.warning':
    'Was {machine} dort findet, läuft beim nächsten Start von selbst. Ist es ein Installationsprogramm, kann es die Festplatten überschreiben.',
  'boot.confirm': 'Von dort starten',

  'light.heading': 'Erkennungslicht',
  'light.hint': 'Es zeigt, welche der Maschinen im Schrank diese ist.',
  'light.on': 'Blinken lassen',
  'light.off': 'Licht ausschalten',
  'light.toldOn': 'Das Licht blinkt.',
  'light.toldOff': 'Das Licht ist aus.',

  'media.heading': 'Datenträgerabbilder',
  'media.empty': 'leer',
  'media.image': 'Abbild',
  'media.elsewhere': 'Von einer Adresse…',
  'media.url': 'Adresse des Abbilds',
  'media.urlHint':
    'http, https, nfs oder cifs, soweit der Verwaltungscontroller der Maschine es beherrscht.',
  'media.urlFrom': 'Erlaubt sind Adressen, die so beginnen: {urls}',
  'media.drive': 'Laufwerk',
  'media.insert': 'Einlegen',
  'media.eject': 'Auswerfen',
  'media.ejectFrom': 'Das Abbild aus {drive} auswerfen',
  'media.looking': 'Die Laufwerke werden angesehen…',
  'media.working': 'Der Verwaltungscontroller ist dabei. Das kann eine halbe Minute dauern.',
  'media.inserted': 'Das Abbild liegt in Laufwerk {drive}.',
  'media.ejected': 'Laufwerk {drive} ist leer.',
  'media.noImages': 'Hier gibt es kein Abbild, das Sie einlegen könnten.',
  'media.noDrives': 'Die Maschine hat zurzeit kein Laufwerk für Abbilder.',
  'media.noAddress': 'Das ist keine Adresse eines Abbilds.',
  'media.notFromThere': 'Von dieser Adresse dürfen Sie keine Abbilder einlegen.',
  'media.question': 'Das Abbild aus {drive} auswerfen?',
  'media.warning':
    'Was auf {machine} davon läuft, etwa ein Installationsprogramm, bleibt stehen oder scheitert.',
} as const satisfies Record<keyof typeof en, string>;
