import type { credentials as en } from './en.ts';

export const credentials = {
  'state.prompting': 'Машина требует входа',
  'credentials.text':
    '{machine} запрашивает эти данные, прежде чем показать экран. Они передаются машине и нигде не сохраняются.',
  'credential.domain': 'Домен',
  'credential.username': 'Имя пользователя',
  'credential.password': 'Пароль',
  'credential.passphrase': 'Кодовая фраза ключа',
  'credentials.send': 'Войти на машину',
  'credentials.cancel': 'Отменить и закрыть консоль',
  'error.target_credentials_wrong': 'Машина не приняла введённые данные.',
  'error.target_credentials_missing': 'Машина потребовала входа и не получила ответа.',
} as const satisfies Record<keyof typeof en, string>;
