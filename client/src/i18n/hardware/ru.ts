import type { hardware as en } from './en.ts';

export const hardware = {
  'hardware.short': 'Оборудование…',
  'hardware.title': 'Оборудование машины {machine}',

  'boot.heading': 'Следующая загрузка',
  'boot.hint':
    'С чего машина загрузится в следующий раз, и только тогда. Сама перезагрузка этим не вызывается.',
  'boot.pxe': 'Сеть (PXE)',
  'boot.disk': 'Диск',
  'boot.cd': 'CD или DVD',
  'boot.setup': 'Настройка BIOS',
  'boot.none': 'Как обычно',
  'boot.told': 'Команда передана машине. Следующая загрузка: {device}.',
  'boot.question': 'Следующая загрузка: {device}?',
  'boot.warning':
    'Всё, что {machine} там найдёт, при следующей загрузке запустится само. Если это программа установки, она может перезаписать диски.',
  'boot.confirm': 'Загрузить оттуда',

  'light.heading': 'Световой указатель',
  'light.hint': 'Он показывает, какая из машин в стойке — эта.',
  'light.on': 'Включить мигание',
  'light.off': 'Выключить свет',
  'light.toldOn': 'Указатель мигает.',
  'light.toldOff': 'Указатель выключен.',

  'media.heading': 'Образы дисков',
  'media.empty': 'пусто',
  'media.image': 'Образ',
  'media.elsewhere': 'По адресу…',
  'media.url': 'Адрес образа',
  'media.urlHint': 'http, https, nfs или cifs — смотря что умеет контроллер управления машины.',
  'media.urlFrom': 'Разрешены адреса, которые начинаются так: {urls}',
  'media.drive': 'Привод',
  'media.insert': 'Вставить',
  'media.eject': 'Извлечь',
  'media.ejectFrom': 'Извлечь образ из {drive}',
  'media.looking': 'Проверяем приводы…',
  'media.working': 'Контроллер управления работает. Это может занять полминуты.',
  'media.inserted': 'Образ вставлен в привод {drive}.',
  'media.ejected': 'Привод {drive} пуст.',
  'media.noImages': 'Здесь нет образа, который вы могли бы вставить.',
  'media.noDrives': 'Сейчас у машины нет привода для образов.',
  'media.noAddress': 'Это не адрес образа.',
  'media.notFromThere': 'С этого адреса вам нельзя вставлять образы.',
  'media.question': 'Извлечь образ из {drive}?',
  'media.warning':
    'То, что с него работает на {machine}, например программа установки, остановится или завершится с ошибкой.',
} as const satisfies Record<keyof typeof en, string>;
