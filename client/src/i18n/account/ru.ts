import type { PartTranslation } from '../catalogue.ts';
import type { account as english } from './en.ts';

export const account: PartTranslation<typeof english, 'one' | 'few' | 'many' | 'other'> = {
  'account.nav': 'Аккаунт',
  'account.title': 'Ваша учётная запись',
  'account.totp': 'Второй фактор',
  'account.totpOff':
    'Добавьте к паролю код из приложения-аутентификатора: тот, кто узнает только пароль, войти не сможет.',
  'account.totpElsewhere': 'Вы входите через другую службу: второй фактор настраивается там.',
  'account.totpOn': 'Включён с {time}: для входа нужен код из приложения-аутентификатора.',
  'account.totpRequired':
    'Администратор требует для этой учётной записи второй фактор. Настройте его, чтобы продолжить.',
  'account.codesLeft': {
    one: 'Остался {count} код восстановления.',
    few: 'Осталось {count} кода восстановления.',
    many: 'Осталось {count} кодов восстановления.',
    other: 'Осталось {count} кода восстановления.',
  },
  'account.setUp': 'Настроить',
  'account.scan':
    'Отсканируйте это приложением-аутентификатором и введите код, который оно покажет.',
  'account.qr': 'QR-код для приложения-аутентификатора',
  'account.typeKey': 'Нет камеры? Введите в приложение этот ключ:',
  'account.code': 'Код из приложения или код восстановления',
  'account.firstCode': 'Код из приложения',
  'account.confirm': 'Подтвердить',
  'account.cancel': 'Отмена',
  'account.codesTitle': 'Ваши коды восстановления',
  'account.codesText':
    'С каждым из них можно один раз войти, если телефона нет под рукой. Храните их там же, где пароли: больше они показаны не будут.',
  'account.copy': 'Копировать',
  'account.copied': 'Скопировано',
  'account.download': 'Скачать',
  'account.codesKept': 'Коды сохранены',
  'account.newCodes': 'Новые коды восстановления',
  'account.remove': 'Удалить второй фактор',
  'account.sessions': 'Где выполнен вход',
  'account.since': 'с {time}',
  'account.lastSeen': 'последнее действие: {time}',
  'account.thisBrowser': 'этот браузер',
  'account.unknownBrowser': 'Неизвестный браузер',
  'account.endThis': 'Выйти из {browser}, адрес {address}',
  'account.endOthers': 'Выйти везде, кроме этого браузера',
};
