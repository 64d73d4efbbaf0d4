import type { power as en } from './en.ts';

export const power = {
  'switch.on': 'Включить',
  'switch.off': 'Выключить принудительно',
  'switch.reset': 'Перезагрузить принудительно',
  'switch.cycle': 'Выключить и включить снова',
  'switch.shutdown': 'Завершить работу',
  'switch.reboot': 'Перезагрузить',
  'switch.suspend': 'Приостановить с сохранением',
  'switch.nmi': 'Отправить NMI',
  'switch.title': 'Питание машины {machine}',
  'switch.warning':
    'Система на {machine} не получит запроса: всё, что там работает, сразу остановится и может потерять данные.',
  'switch.told': 'Команда передана машине: {action}.',
  'switch.close': 'Закрыть',
} as const satisfies Record<keyof typeof en, string>;
