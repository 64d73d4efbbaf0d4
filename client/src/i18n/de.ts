import type { Translation } from './catalogue.ts';
import { account } from './account/de.ts';
import { audit } from './audit/de.ts';
import { consoles } from './consoles/de.ts';
import { credentials } from './credentials/de.ts';
import { hardware } from './hardware/de.ts';
import { menu } from './menu/de.ts';
import { power } from './power/de.ts';
import { sharing } from './sharing/de.ts';
import { tokens } from './tokens/de.ts';

export const de: Translation<'one' | 'other'> = {
  ...account,
  ...audit,
  ...consoles,
  ...credentials,
  ...hardware,
  ...menu,
  ...power,
  ...sharing,
  ...tokens,

  'state.redeeming': 'Wird geöffnet',
  'state.starting': 'Startet',
  'state.connecting': 'Verbindet',
  'state.waiting': 'Wartet auf das Bild',
  'state.connected': 'Verbunden',
  'state.unstable': 'Verbindung instabil',
  'state.lost': 'Verbindung verloren',
  'state.disconnected': 'Getrennt',
  'state.ended': 'Beendet',

  'step.resolving': 'Konsole der Maschine wird gesucht…',
  'step.starting-screen': 'Ein Bildschirm für die Konsole wird gestartet…',
  'step.waiting-for-provider':
    'Die Cloud begrenzt die Zahl der Anfragen. Warten, bis wir dran sind…',
  'step.connecting': 'Verbindung zur Maschine wird aufgebaut…',
  'step.waiting-for-picture': 'Warten auf das erste Bild…',

  'closed.expired': 'Die Zeit der Konsole ist abgelaufen',
  'closed.idle': 'Geschlossen, weil niemand sie benutzt hat',
  'closed.ended': 'Die Konsole ist geschlossen',
  'closed.killed': 'Vom Support oder vom Betreiber geschlossen',
  'closed.failed': 'Die Konsole wurde abgebrochen',

  'kind.vnc': 'Bildschirm',
  'kind.rdp': 'Remotedesktop',
  'kind.ssh': 'Terminal (SSH)',
  'kind.telnet': 'Terminal (Telnet)',
  'kind.terminal': 'Textkonsole',
  'kind.kvm': 'Hardware-Bildschirm (KVM)',
  'kind.sol': 'Serielle Konsole',

  'power.on': 'läuft',
  'power.off': 'ausgeschaltet',
  'power.paused': 'pausiert',
  'power.changing': 'wechselt',
  'power.unknown': 'Zustand unbekannt',

  'role.customer': 'Kunde',
  'role.support': 'Support',
  'role.admin': 'Administrator',

  'page.elapsed': 'seit {elapsed}',
  'page.reloadedInFrame':
    'Diese Konsole wurde innerhalb einer anderen Seite neu geladen, und dort bewahrt der Browser nichts auf, was wieder hineinlässt.',
  'page.openAgain': 'Öffnen Sie im Portal eine neue Konsole, um weiterzuarbeiten.',
  'page.nothing': 'Hier ist keine Seite',
  'page.nothingText':
    'Unter dieser Adresse gibt es keine Seite. Vielleicht ist sie vertippt, oder dem Link fehlt das Ende.',
  'page.toPortal': 'Zur Liste der Maschinen',
  'page.noEntry': 'Die Konsole lässt sich hier nicht öffnen',
  'page.faultyLink':
    'Der Link dieses Portals ist fehlerhaft. Bitte sagen Sie es dem Support des Portals.',
  'page.linkWithoutPurpose':
    'Der Link des Portals sagt nicht, wofür die Konsole gebraucht wird; hier muss das gesagt sein. Bitte melden Sie es dem Support des Portals.',
  'page.notSignedIn': 'Sie sind nicht angemeldet',
  'page.toSignIn': 'Zurück zur Anmeldung',
  'page.notOpened': 'Die Konsole konnte nicht geöffnet werden',
  'page.refused': 'Keine Verbindung zur Maschine',
  'page.notRunning': 'Die Maschine läuft nicht',
  'page.comingUp': 'Die Maschine startet',
  'page.comingUpText': 'Sie wurde eingeschaltet. Ihr Bildschirm erscheint, sobald es ihn gibt.',
  'page.tryAgain': 'Erneut versuchen',
  'page.reconnectNow': 'Jetzt verbinden',
  'page.reconnect': 'Wieder verbinden',
  'page.reconnectIn': {
    one: 'Neuer Versuch in {count} Sekunde',
    other: 'Neuer Versuch in {count} Sekunden',
  },
  'page.unreached': 'Keine Verbindung',
  'page.retryIn': {
    one: 'Neuer Versuch in {count} Sekunde',
    other: 'Neuer Versuch in {count} Sekunden',
  },
  'page.reconnecting': 'Verbindung wird wiederhergestellt…',
  'page.disconnected': 'Sie haben die Konsole verlassen. Sie bleibt bis {time} geöffnet.',
  'page.display': 'Bildschirm von {machine}',
  'page.displayHelp':
    'Solange der Bildschirm den Fokus hat, gehen alle Tasten an die Maschine. Strg-Alt-Umschalt öffnet das Menü.',
  'page.closesSoon': 'Diese Konsole schließt {soon}.',
  'page.openUntil': 'Sie schließt um {time}.',

  'extend.button': 'Verlängern',
  'extend.hint': 'Der Konsole mehr Zeit geben',
  'extend.failed': 'Die Konsole wurde nicht verlängert.',
  'extend.done': 'Die Konsole bleibt bis {time} geöffnet.',
  'idle.warning':
    'Diese Konsole wurde eine Weile nicht benutzt. Sie schließt in {time}. Drücken Sie eine Taste oder bewegen Sie die Maus, um sie offen zu halten.',

  'bar.label': 'Konsole',
  'bar.menu': 'Menü',
  'bar.menuShortcut': 'Menü (Strg-Alt-Umschalt)',
  'bar.fullScreen': 'Vollbild',
  'bar.leaveFullScreen': 'Vollbild verlassen',
  'bar.close': 'Sitzung schließen',
  'bar.collapse': 'Leiste ausblenden',
  'bar.expand': 'Leiste einblenden',
  'bar.send': '{keys} senden',
  'bar.timeLeft': 'Verbleibende Zeit: {left}. Schließt um {time}.',
  'bar.viewOnly': 'Nur ansehen',

  'portal.title': 'Maschinen',
  'portal.signIn': 'Anmelden',
  'portal.signInText': 'Melden Sie sich an, um Ihre Maschinen zu sehen.',
  'portal.username': 'Benutzername',
  'portal.password': 'Passwort',
  'portal.signInWith': 'Mit {name} anmelden',
  'portal.or': 'oder',
  'portal.noWayIn': 'Hier kann sich niemand anmelden: das Gateway hat keine Benutzer.',
  'portal.signOut': 'Abmelden',
  'portal.search': 'Maschinen suchen',
  'portal.loading': 'Wird geladen…',
  'portal.count': { one: '{count} Maschine', other: '{count} Maschinen' },
  'portal.countMore': 'Mehr als {count} Maschinen',
  'portal.more': 'Mehr anzeigen',
  'portal.retry': 'Erneut versuchen',
  'portal.empty': 'Noch keine Maschinen',
  'portal.emptyText': 'Hier erscheinen die Maschinen, die Sie öffnen dürfen.',
  'portal.noMatch': 'Nichts gefunden zu „{query}“',
  'portal.noMatchText': 'Versuchen Sie einen anderen Namen oder einen Teil davon.',
  'portal.open': '{kind} von {machine} in einem neuen Tab öffnen',
  'portal.noConsole': 'Keine Konsole',
  'portal.nativeOnly': 'SPICE: nur mit eigenem Programm',
  'portal.onlySpice': 'SPICE: im Browser nicht darstellbar',
  'portal.stale': 'Stand von {time}, der Anbieter antwortet nicht',
  'portal.opensViewOnly': 'nur zum Ansehen',
  'portal.file': 'Eigenes Programm',
  'portal.fileTitle': 'Datei für ein eigenes Programm wie virt-viewer: {machine}',
  'portal.blocked': 'Der Browser hat den neuen Tab blockiert.',
  'portal.openHere': 'Konsole öffnen',
  'portal.typeVm': 'Virtuelle Maschine',
  'portal.typeServer': 'Server',

  'error.invalid_request': 'Das Gateway hat die Anfrage nicht verstanden.',
  'error.not_found': 'Hier ist nichts.',
  'error.method_not_allowed': 'Das Gateway erlaubt das nicht.',
  'error.payload_too_large': 'Das war zu viel auf einmal.',
  'error.unsupported_media_type': 'Das Gateway hat die Anfrage nicht verstanden.',
  'error.rate_limited': 'Zu viele Versuche. Bitte warten Sie ein paar Minuten.',
  'error.unauthenticated':
    'Sie sind nicht angemeldet, oder diese Konsole wurde in einem anderen Browser geöffnet.',
  'error.credentials_invalid': 'Benutzername oder Passwort ist falsch.',
  'error.sign_in_expired':
    'Die Anmeldung hat zu lange gedauert oder wurde in einem anderen Browser begonnen. Bitte beginnen Sie von vorn.',
  'error.sign_in_failed': 'Der Dienst, bei dem Sie sich angemeldet haben, hat Sie nicht bestätigt.',
  'error.not_permitted':
    'Ihr Konto darf dieses Gateway nicht benutzen. Fragen Sie Ihren Administrator.',
  'error.name_taken': 'Ein anderes Konto trägt hier Ihren Namen. Fragen Sie Ihren Administrator.',
  'error.totp_required': 'Dieses Konto verlangt auch den Code aus Ihrer Authenticator-App.',
  'error.totp_wrong': 'Der Code ist falsch oder wurde schon benutzt. Warten Sie auf den nächsten.',
  'error.totp_enrolment_required':
    'Richten Sie zuerst auf Ihrer Kontoseite den zweiten Faktor ein.',
  'error.totp_active': 'Der zweite Faktor ist schon eingerichtet.',
  'error.totp_not_active': 'Dieses Konto hat keinen zweiten Faktor.',
  'error.totp_not_begun': 'Das hat zu lange gedauert. Beginnen Sie die Einrichtung noch einmal.',
  'error.session_not_found': 'Diese Anmeldung ist schon beendet.',
  'error.forbidden': 'Das dürfen Sie nicht.',
  'error.cross_site': 'Die Anfrage kam von einer anderen Website und wurde abgelehnt.',
  'error.origin_refused': 'Das Gateway nimmt von der Adresse dieser Seite nichts an.',
  'error.purpose_required': 'Bitte geben Sie an, wofür Sie die Konsole brauchen.',
  'error.approval_pending': 'Diese Konsole muss erst von jemand anderem freigegeben werden.',
  'error.approval_refused': 'Die Konsole wurde nicht freigegeben.',
  'error.approval_settled': 'Über diese Konsole wurde bereits entschieden.',
  'error.api_token_not_found': 'Dieses API-Token gibt es nicht.',
  'error.api_token_limit': 'Sie haben zu viele API-Tokens. Widerrufen Sie zuerst eines.',
  'error.power_unavailable': 'So lässt sich die Maschine nicht schalten.',
  'error.bmc_unavailable':
    'Der Management-Controller des Servers antwortet nicht so, wie er sollte.',
  'error.bmc_account_locked':
    'Der Management-Controller des Servers hat das Konto des Gateways gesperrt. Fragen Sie Ihren Administrator.',
  'error.bmc_redirected':
    'Der Management-Controller des Servers verweist das Gateway an eine andere Adresse; dorthin geht es nicht.',
  'error.bmc_slots_full':
    'Den Management-Controller des Servers benutzen schon so viele, wie er zulässt. Versuchen Sie es später noch einmal.',
  'error.bmc_license_missing':
    'Der Management-Controller des Servers braucht dafür eine Lizenz und hat keine.',
  'error.bmc_lost':
    'Der Management-Controller des Servers hat die Sitzung beendet. Vielleicht startet er neu.',
  'error.media_unavailable': 'Der Server hat kein solches Laufwerk oder Image.',
  'error.media_inserted': 'Im Laufwerk ist schon ein Image. Werfen Sie es zuerst aus.',
  'error.machine_busy':
    'Die Maschine ist gerade mit etwas anderem beschäftigt. Versuchen Sie es gleich noch einmal.',
  'error.machine_not_running':
    'Die Maschine ist in einem Zustand, in dem sie keine Konsole hat. Schalten Sie sie erst ein.',
  'error.console_held':
    'Ein anderer Benutzer des Hypervisors hält diese Konsole. Nur er oder der Verwalter kann sie freigeben.',
  'error.machine_not_found': 'Diese Maschine gibt es nicht, oder Sie dürfen sie nicht sehen.',
  'error.console_kind_unavailable':
    'Die Maschine hat keine Konsole dieser Art, die ein Browser zeigen könnte. In der Liste der Maschinen gibt es vielleicht eine Datei für ein eigenes Programm.',
  'error.console_not_found': 'Diese Konsole gibt es nicht mehr.',
  'error.console_limit':
    'Sie haben schon so viele Konsolen offen wie erlaubt. Schließen Sie zuerst eine.',
  'error.extension_exhausted': 'Diese Konsole lässt sich nicht weiter verlängern.',
  'error.launch_key_invalid':
    'Dieser Link ist ungültig. Öffnen Sie die Konsole noch einmal im Portal.',
  'error.launch_key_used':
    'Dieser Link wurde schon benutzt. Jeder Link öffnet eine Konsole nur einmal.',
  'error.passphrase_required': 'Dieser Link verlangt eine Passphrase.',
  'error.passphrase_wrong': 'Die Passphrase ist falsch.',
  'error.share_expired': 'Die Zeit dieses geteilten Links ist abgelaufen.',
  'error.share_revoked': 'Dieser geteilte Link gilt nicht mehr: er wurde widerrufen.',
  'error.share_limit':
    'Diese Konsole hat schon so viele geteilte Links wie möglich. Widerrufen Sie zuerst einen.',
  'error.viewer_limit': 'Dieser Konsole sehen schon so viele Personen zu wie möglich.',
  'error.viewer_too_slow': 'Diese Seite kam mit dem Bild nicht hinterher.',
  'error.not_running': 'Es wird auf die Person gewartet, der diese Konsole gehört.',
  'error.launch_link_invalid': 'Der Link Ihres Portals ist hier nicht gültig.',
  'error.launch_link_expired': 'Der Link Ihres Portals ist zu alt: jeder gilt nur wenige Minuten.',
  'error.launch_link_used': 'Der Link Ihres Portals wurde schon benutzt. Jeder gilt nur einmal.',
  'error.console_expired': 'Die Zeit der Konsole ist abgelaufen, sie wurde geschlossen.',
  'error.console_idle': 'Die Konsole wurde geschlossen, weil niemand sie benutzt hat.',
  'error.console_ended': 'Jemand hat sie geschlossen, oder die Maschine hat die Sitzung beendet.',
  'error.console_killed':
    'Jemand vom Support oder der Betreiber des Systems hat die Konsole geschlossen.',
  'error.console_failed': 'Die Konsole wurde wegen eines Fehlers angehalten.',
  'error.token_missing': 'Die Verbindung wurde abgelehnt: das Token fehlt.',
  'error.token_invalid': 'Die Verbindung wurde abgelehnt: das Token ist ungültig.',
  'error.token_expired': 'Die Verbindung hat zu spät begonnen.',
  'error.token_used': 'Das Token der Verbindung wurde schon benutzt.',
  'error.instruction_invalid': 'Das Gateway konnte die Daten dieser Seite nicht lesen.',
  'error.instruction_too_large': 'Das war zu viel auf einmal.',
  'error.input_too_fast': 'Von dieser Seite kam mehr, als ein Mensch tippen oder bewegen kann.',
  'error.client_timeout': 'Das Gateway hat zu lange nichts von dieser Seite gehört.',
  'error.client_left': 'Die Verbindung wurde von dieser Seite beendet.',
  'error.target_unreachable':
    'Die Maschine ist nicht erreichbar. Vielleicht ist sie aus oder startet gerade.',
  'error.target_refused': 'Die Maschine hat die Verbindung abgelehnt.',
  'error.target_credentials_refused':
    'Die Maschine hat die Anmeldedaten, die das Gateway für sie hat, nicht angenommen, oder sie verlangt welche.',
  'error.target_certificate_refused': 'Das Zertifikat der Maschine ist nicht das erwartete.',
  'error.target_unsupported': 'Die Maschine spricht ein Protokoll, das das Gateway nicht kennt.',
  'error.target_lost': 'Die Maschine hat die Verbindung beendet.',
  'error.target_timeout': 'Die Maschine antwortet nicht.',
  'error.target_busy': 'Die Konsole der Maschine wird von jemand anderem benutzt.',
  'error.guacd_unavailable': 'Der Anzeigedienst des Gateways läuft nicht.',
  'error.guacd_lost': 'Der Anzeigedienst des Gateways wurde beendet.',
  'error.kvm_unavailable':
    'Das Gateway kann für diese Konsole jetzt keinen Bildschirm bereitstellen.',
  'error.kvm_crashed':
    'Das Programm, das die Konsole zeigte, hat sich beendet. Es wird neu gestartet.',
  'error.kvm_page_changed':
    'Die Webseiten des Management-Controllers sind nicht die, die das Gateway kennt. Ein Bild davon liegt für Ihren Administrator am Gateway.',
  'error.kvm_popup_refused':
    'Der Management-Controller wollte ein weiteres Fenster öffnen; das ist hier nicht erlaubt.',
  'error.kvm_dialog_refused':
    'Die Seite des Management-Controllers stellt eine Frage, die hier niemand beantwortet.',
  'error.kvm_login_timeout': 'Die Anmeldung am Management-Controller dauert zu lange.',
  'error.kvm_java_missing':
    'Die Java-Konsole der Maschine braucht eine Java-Version, die das Gateway nicht hat. Die Administration muss sie installieren.',
  'error.kvm_java_failed': 'Die Java-Konsole der Maschine startet am Gateway nicht.',
  'error.redis_unavailable': 'Der Speicher des Gateways ist gerade nicht erreichbar.',
  'error.provider_unavailable': 'Das System, auf dem die Maschine läuft, antwortet nicht.',
  'error.provider_refused':
    'Das System, auf dem die Maschine läuft, weist dieses Gateway ab. Die Administration muss die Zugangsdaten prüfen.',
  'error.sign_in_unavailable': 'Der Dienst, der Ihr Konto kennt, antwortet nicht.',
  'error.shutting_down': 'Das Gateway wird neu gestartet.',
  'error.internal': 'Im Gateway ist ein Fehler aufgetreten.',
  'error.closed_here': 'Sie haben sie geschlossen.',
  'error.network': 'Keine Verbindung zum Gateway. Prüfen Sie Ihr Netzwerk, falls das anhält.',
};
