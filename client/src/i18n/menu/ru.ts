import type { PartTranslation } from '../catalogue.ts';
import type { menu as english } from './en.ts';

export const menu: PartTranslation<typeof english, 'one' | 'few' | 'many' | 'other'> = {
  'menu.title': 'Меню',
  'menu.dismiss': 'Вернуться к экрану',
  'menu.hint': 'Ctrl-Alt-Shift открывает и закрывает это меню, Esc возвращает к экрану.',
  'menu.keys': 'Отправить клавиши',
  'menu.consoleSwitches': 'Ctrl-Alt-F1 … F12',
  'menu.functionKeys': 'Функциональные клавиши',
  'menu.clipboard': 'Буфер обмена',
  'menu.clipboardLabel': 'Текст буфера обмена машины',
  'menu.clipboardHint':
    'Скопированное на машине появляется здесь; написанное здесь можно вставить там.',
  'menu.clipboardRead': 'Взять с этого компьютера',
  'menu.clipboardWrite': 'Скопировать на этот компьютер',
  'menu.clipboardRefused': 'Браузер этого не разрешил. Воспользуйтесь Ctrl-C и Ctrl-V в поле выше.',
  'menu.inputMethod': 'Способ ввода',
  'menu.inputNone': 'Обычный',
  'menu.inputNoneHint': 'Клавиатура напрямую управляет машиной.',
  'menu.inputText': 'Ввод текста',
  'menu.inputTextHint': 'Ввод через поле: для других алфавитов, IME или телефона.',
  'menu.inputOsk': 'Экранная клавиатура',
  'menu.inputOskHint': 'Нажимайте клавиши мышью или пальцем.',
  'menu.touch': 'Эмуляция мыши',
  'menu.touchscreen': 'Сенсорный экран',
  'menu.touchscreenHint': 'Касание — щелчок в этом месте, удержание — правая кнопка.',
  'menu.touchpad': 'Тачпад',
  'menu.touchpadHint':
    'Ведите палец, чтобы двигать указатель; касание — щелчок, два пальца — правая кнопка.',
  'menu.zoom': 'Масштаб',
  'menu.zoomFit': 'По размеру окна',
  'menu.zoomActual': 'Исходный размер (1:1)',
  'menu.language': 'Язык',
  'menu.timezone': 'Часовой пояс',
  'menu.timezoneHint': 'Для времени на этой странице. Машина узнаёт его при подключении.',
  'menu.session': 'Сеанс',
  'menu.disconnect': 'Отключиться',
  'menu.disconnectHint': 'Покинуть экран; консоль останется открытой, и вы сможете вернуться.',
  'menu.close': 'Закрыть сеанс…',
  'menu.closeHint': 'Завершить для всех. Чтобы вернуться, придётся открыть новую консоль.',

  'close.title': 'Закрыть сеанс?',
  'close.text':
    'Консоль машины {machine} закроется у всех, кто её смотрит. Программы на машине продолжат работу.',
  'close.confirm': 'Закрыть сеанс',
  'close.cancel': 'Оставить открытым',

  'text.label': 'Текст для ввода на машине',
  'text.dismiss': 'Скрыть ввод текста',
  'osk.label': 'Экранная клавиатура',
  'osk.dismiss': 'Скрыть клавиатуру',
};
