import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { chooseLanguage, LANGUAGES, type LanguageTag } from '../../client/src/i18n/language.ts';
import { formatSoon, formatTime, withMoments } from '../../client/src/i18n/times.ts';
import { translator } from '../../client/src/i18n/translate.ts';
import {
  CLOSE_REASONS,
  CONSOLE_KINDS,
  CONSOLE_STEPS,
  POWER_STATES,
  ROLES,
  STATUS,
} from '../../server/contract/index.ts';

const tags = Object.keys(LANGUAGES) as LanguageTag[];

function messages(tag: LanguageTag): [string, string | Record<string, string>][] {
  return Object.entries(LANGUAGES[tag].catalogue);
}

function texts(tag: LanguageTag): [string, string][] {
  return messages(tag).flatMap(([key, message]): [string, string][] =>
    typeof message === 'string'
      ? [[key, message]]
      : Object.values(message).map((form) => [key, form]),
  );
}

const holes = (text: string) => [...text.matchAll(/\{(\w+)\}/g)].map(String).toSorted();

describe('the catalogue', () => {
  it('has a sentence for every word of the contract, in every language', () => {
    const keys = [
      ...Object.keys(STATUS).map((code) => `error.${code}`),
      ...CLOSE_REASONS.map((reason) => `closed.${reason}`),
      ...CONSOLE_STEPS.map((step) => `step.${step}`),
      ...CONSOLE_KINDS.map((kind) => `kind.${kind}`),
      ...POWER_STATES.map((power) => `power.${power}`),
      ...ROLES.map((role) => `role.${role}`),
    ];
    for (const tag of tags) {
      const has = new Set(messages(tag).map(([key]) => key));
      assert.deepEqual(
        keys.filter((key) => !has.has(key)),
        [],
        tag,
      );
    }
  });

  it('leaves nothing empty and keeps the holes of the English sentence', () => {
    const english = new Map(texts('en'));
    for (const tag of tags) {
      for (const [key, text] of texts(tag)) {
        assert.notEqual(text.trim(), '', `${tag} ${key}`);
        assert.deepEqual(holes(text), holes(english.get(key) ?? ''), `${tag} ${key}`);
      }
    }
  });

  it('is really translated: nearly no sentence is the English one', () => {
    const english = new Map(texts('en'));
    for (const tag of tags.filter((other) => other !== 'en')) {
      const same = texts(tag).filter(([key, text]) => english.get(key) === text);
      assert.ok(same.length <= 10, `${tag}: ${same.map(([key]) => key).join(', ')}`);
    }
  });

  it('has exactly the plural forms that each language distinguishes', () => {
    for (const tag of tags) {
      const categories = new Intl.PluralRules(tag).resolvedOptions().pluralCategories.toSorted();
      for (const [key, message] of messages(tag)) {
        if (typeof message === 'string') continue;
        assert.deepEqual(Object.keys(message).toSorted(), categories, `${tag} ${key}`);
      }
    }
  });

  it('counts in Russian as Russians do', () => {
    const t = translator(LANGUAGES.ru.catalogue, 'ru');
    assert.equal(t('portal.count', { count: 1 }), '1 машина');
    assert.equal(t('portal.count', { count: 3 }), '3 машины');
    assert.equal(t('portal.count', { count: 11 }), '11 машин');
    assert.equal(t('portal.count', { count: 21 }), '21 машина');
  });

  it('fills holes with text as it is, pattern characters included', () => {
    const t = translator(LANGUAGES.en.catalogue, 'en');
    assert.equal(t('portal.noMatch', { query: '$& {count}' }), 'Nothing found for “$& {count}”');
  });
});

describe('the choice of a language', () => {
  it('takes the first wish that there is a translation for', () => {
    assert.equal(chooseLanguage(['fr-FR', 'de-AT', 'en']), 'de');
    assert.equal(chooseLanguage(['RU']), 'ru');
    assert.equal(chooseLanguage(['zh-CN']), 'en');
    assert.equal(chooseLanguage(['constructor']), 'en');
  });
});

describe('times', () => {
  const at = new Date('2026-03-01T23:30:00Z');

  it('are shown in the chosen zone', () => {
    const now = new Date('2026-03-01T22:00:00Z');
    assert.equal(formatTime(at, now, 'de', 'UTC'), '23:30');
    assert.match(formatTime(at, now, 'de', 'Europe/Moscow'), /02:30/);
  });

  it('to come are told in minutes, in the last one in seconds, as each language says it', () => {
    assert.equal(formatSoon(6 * 60_000 + 24_000, 'en'), 'in 6 minutes');
    assert.equal(formatSoon(59_600, 'en'), 'in 1 minute');
    assert.equal(formatSoon(9000, 'en'), 'in 9 seconds');
    assert.equal(formatSoon(599_700, 'de'), 'in 10 Minuten');
    assert.equal(formatSoon(60_000, 'ru'), 'через 1 минуту');
    assert.equal(formatSoon(180_000, 'ru'), 'через 3 минуты');
    assert.equal(formatSoon(21_000, 'ru'), 'через 21 секунду');
  });

  it('in a text of the gateway’s are shown in the chosen zone, and all else stays', () => {
    const text = 'view-only, until 2026-11-28T20:04:52.702Z, link 2026-11';
    const shown = withMoments(text, 'de', 'Europe/Moscow');
    assert.equal(shown, 'view-only, until 28.11.26, 23:04:52, link 2026-11');
    assert.equal(withMoments('vnc, for bob', 'de', 'UTC'), 'vnc, for bob');
    const none = 'guest 2026-99-99T00:00:00Z';
    assert.equal(withMoments(none, 'de', 'UTC'), none, 'a name that only looks like one');
  });

  it('name the day when it is another one there', () => {
    const now = new Date('2026-03-01T20:00:00Z');
    assert.equal(formatTime(at, now, 'de', 'Europe/Moscow'), '02.03.2026, 02:30');
  });
});
