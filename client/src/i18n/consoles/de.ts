import type { PartTranslation } from '../catalogue.ts';
import type { consoles as english } from './en.ts';

export const consoles: PartTranslation<typeof english, 'one' | 'other'> = {
  'state.approving': 'Wartet auf Freigabe',

  'approval.title': 'Warten auf die Freigabe durch eine zweite Person',
  'approval.text':
    'Jemand anderes muss die Konsole von {machine} erst freigeben. Diese Seite geht dann von selbst weiter. Die Anfrage gilt bis {time}.',
  'approval.purpose': 'Zweck: {purpose}',
  'approval.refused': 'Abgelehnt',
  'approval.expired': 'Niemand hat die Konsole rechtzeitig freigegeben',

  'purpose.title': 'Wofür brauchen Sie {machine}?',
  'purpose.label': 'Zweck',
  'purpose.hint': 'Er wird mit dem Protokoll dieser Konsole aufbewahrt.',
  'purpose.approval': 'Bevor die Konsole aufgeht, muss jemand anderes sie freigeben.',
  'purpose.open': 'Konsole öffnen',
  'purpose.cancel': 'Abbrechen',

  'portal.approvals': 'Wartet auf Ihre Freigabe',
  'portal.wants': '{user} möchte zu {machine}',
  'portal.askedBy': 'angefragt von {name}',
  'portal.approve': 'Freigeben',
  'portal.approveOf': '{machine} für {user} freigeben',
  'portal.refuse': 'Ablehnen…',
  'portal.refuseOf': '{machine} für {user} ablehnen',
  'portal.refuseTitle': 'Die Konsole von {machine} ablehnen?',
  'portal.refuseDetail': 'Begründung, die {user} liest (freiwillig)',
  'portal.refuseConfirm': 'Ablehnen',
  'portal.consoles': 'Ihre offenen Konsolen',
  'portal.left': 'noch {left}',
  'portal.leftUntil': 'Schließt um {time}',
  'portal.forUser': 'geöffnet für {user}',
  'portal.extendOf': '{kind} von {machine} verlängern',
  'portal.show': 'Anzeigen',
  'portal.showOf': '{kind} von {machine} in einem neuen Tab anzeigen',
  'portal.close': 'Schließen…',
  'portal.closeOf': '{kind} von {machine} schließen',
};
