import type { PartTranslation } from '../catalogue.ts';
import type { menu as english } from './en.ts';

export const menu: PartTranslation<typeof english, 'one' | 'other'> = {
  'menu.title': 'Menü',
  'menu.dismiss': 'Zurück zum Bildschirm',
  'menu.hint':
    'Strg-Alt-Umschalt öffnet und schließt dieses Menü, Esc führt zurück zum Bildschirm.',
  'menu.keys': 'Tasten senden',
  'menu.consoleSwitches': 'Strg-Alt-F1 bis F12',
  'menu.functionKeys': 'Funktionstasten',
  'menu.clipboard': 'Zwischenablage',
  'menu.clipboardLabel': 'Text in der Zwischenablage der Maschine',
  'menu.clipboardHint':
    'Was auf der Maschine kopiert wird, erscheint hier; was Sie hier schreiben, lässt sich dort einfügen.',
  'menu.clipboardRead': 'Von diesem Computer holen',
  'menu.clipboardWrite': 'Auf diesen Computer kopieren',
  'menu.clipboardRefused':
    'Der Browser hat das nicht erlaubt. Benutzen Sie Strg-C und Strg-V im Feld.',
  'menu.inputMethod': 'Eingabemethode',
  'menu.inputNone': 'Keine',
  'menu.inputNoneHint': 'Die Tastatur geht direkt an die Maschine.',
  'menu.inputText': 'Texteingabe',
  'menu.inputTextHint': 'In ein Feld schreiben: für andere Alphabete, IME oder Telefon.',
  'menu.inputOsk': 'Bildschirmtastatur',
  'menu.inputOskHint': 'Tasten mit Maus oder Finger drücken.',
  'menu.touch': 'Mausemulation',
  'menu.touchscreen': 'Touchscreen',
  'menu.touchscreenHint': 'Tippen klickt an dieser Stelle, Halten ist die rechte Taste.',
  'menu.touchpad': 'Touchpad',
  'menu.touchpadHint':
    'Wischen bewegt den Zeiger, Tippen klickt, zwei Finger sind die rechte Taste.',
  'menu.zoom': 'Zoom',
  'menu.zoomFit': 'An das Fenster anpassen',
  'menu.zoomActual': 'Originalgröße (1:1)',
  'menu.language': 'Sprache',
  'menu.timezone': 'Zeitzone',
  'menu.timezoneHint': 'Für die Zeiten auf dieser Seite. Die Maschine erfährt sie beim Verbinden.',
  'menu.machine': 'Maschine',
  'menu.power': 'Strom…',
  'menu.hardware': 'Nächster Start, Abbilder, Licht…',
  'menu.session': 'Sitzung',
  'menu.disconnect': 'Trennen',
  'menu.disconnectHint':
    'Den Bildschirm verlassen; die Konsole bleibt offen, und Sie können zurückkehren.',
  'menu.close': 'Sitzung schließen…',
  'menu.closeHint': 'Für alle beenden. Danach muss eine neue Konsole geöffnet werden.',

  'close.title': 'Sitzung schließen?',
  'close.text':
    'Die Konsole von {machine} endet für alle, die sie gerade sehen. Was auf der Maschine läuft, läuft weiter.',
  'close.confirm': 'Sitzung schließen',
  'close.cancel': 'Geöffnet lassen',

  'text.label': 'Text, der auf der Maschine getippt wird',
  'text.dismiss': 'Texteingabe ausblenden',
  'osk.label': 'Bildschirmtastatur',
  'osk.dismiss': 'Tastatur ausblenden',
};
