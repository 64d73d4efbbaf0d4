import type { PartTranslation } from '../catalogue.ts';
import type { consoles as english } from './en.ts';

export const consoles: PartTranslation<typeof english, 'one' | 'few' | 'many' | 'other'> = {
  'state.approving': 'Ожидает одобрения',

  'approval.title': 'Ждём одобрения второго сотрудника',
  'approval.text':
    'Консоль машины {machine} сначала должен одобрить кто-то другой. Потом эта страница продолжит сама. Запрос действует до {time}.',
  'approval.purpose': 'Цель: {purpose}',
  'approval.refused': 'Отклонено',
  'approval.expired': 'Никто не одобрил консоль вовремя',

  'purpose.title': 'Для чего вам нужна машина {machine}?',
  'purpose.label': 'Цель',
  'purpose.hint': 'Она сохраняется в журнале вместе с этой консолью.',
  'purpose.approval': 'Прежде чем консоль откроется, её должен одобрить кто-то другой.',
  'purpose.open': 'Открыть консоль',
  'purpose.cancel': 'Отмена',

  'portal.approvals': 'Ждут вашего одобрения',
  'portal.wants': '{user} просит доступ к {machine}',
  'portal.askedBy': 'запросил {name}',
  'portal.approve': 'Одобрить',
  'portal.approveOf': 'Одобрить {machine} для {user}',
  'portal.refuse': 'Отклонить…',
  'portal.refuseOf': 'Отклонить {machine} для {user}',
  'portal.refuseTitle': 'Отклонить консоль машины {machine}?',
  'portal.refuseDetail': 'Причина, её прочтёт {user} (необязательно)',
  'portal.refuseConfirm': 'Отклонить',
  'portal.consoles': 'Ваши открытые консоли',
  'portal.left': 'осталось {left}',
  'portal.leftUntil': 'Закроется в {time}',
  'portal.forUser': 'открыта для {user}',
  'portal.extendOf': 'Продлить: {kind}, {machine}',
  'portal.show': 'Показать',
  'portal.showOf': 'Показать в новой вкладке: {kind}, {machine}',
  'portal.close': 'Закрыть…',
  'portal.closeOf': 'Закрыть: {kind}, {machine}',
};
