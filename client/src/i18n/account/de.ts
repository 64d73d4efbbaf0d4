import type { PartTranslation } from '../catalogue.ts';
import type { account as english } from './en.ts';

export const account: PartTranslation<typeof english, 'one' | 'other'> = {
  'account.nav': 'Konto',
  'account.title': 'Ihr Konto',
  'account.totp': 'Zweiter Faktor',
  'account.totpOff':
    'Ergänzen Sie Ihr Passwort um einen Code aus einer Authenticator-App: Wer nur das Passwort herausfindet, kann sich nicht anmelden.',
  'account.totpElsewhere':
    'Sie melden sich bei einem anderen Dienst an: Ein zweiter Faktor wird dort eingerichtet.',
  'account.totpOn':
    'Aktiv seit {time}: Die Anmeldung verlangt einen Code aus Ihrer Authenticator-App.',
  'account.totpRequired':
    'Ihr Administrator verlangt für dieses Konto einen zweiten Faktor. Richten Sie ihn ein, um fortzufahren.',
  'account.codesLeft': {
    one: '{count} Wiederherstellungscode ist übrig.',
    other: '{count} Wiederherstellungscodes sind übrig.',
  },
  'account.setUp': 'Einrichten',
  'account.scan':
    'Scannen Sie dies mit Ihrer Authenticator-App und geben Sie dann den Code ein, den sie zeigt.',
  'account.qr': 'QR-Code für die Authenticator-App',
  'account.typeKey': 'Keine Kamera? Geben Sie diesen Schlüssel in die App ein:',
  'account.code': 'Code aus der App oder ein Wiederherstellungscode',
  'account.firstCode': 'Code aus der App',
  'account.confirm': 'Bestätigen',
  'account.cancel': 'Abbrechen',
  'account.codesTitle': 'Ihre Wiederherstellungscodes',
  'account.codesText':
    'Mit jedem können Sie sich einmal anmelden, wenn Sie Ihr Telefon nicht haben. Bewahren Sie sie bei Ihren Passwörtern auf: Sie werden nicht noch einmal gezeigt.',
  'account.copy': 'Kopieren',
  'account.copied': 'Kopiert',
  'account.download': 'Herunterladen',
  'account.codesKept': 'Ich habe sie aufbewahrt',
  'account.newCodes': 'Neue Wiederherstellungscodes',
  'account.remove': 'Zweiten Faktor entfernen',
  'account.sessions': 'Wo Sie angemeldet sind',
  'account.since': 'seit {time}',
  'account.lastSeen': 'zuletzt benutzt {time}',
  'account.thisBrowser': 'dieser Browser',
  'account.unknownBrowser': 'Unbekannter Browser',
  'account.endThis': '{browser} unter {address} abmelden',
  'account.endOthers': 'Überall sonst abmelden',
};
