import { isLanguage, LANGUAGES } from '../i18n/language.ts';
import { usePreferences } from '../preferences/preferences-context.tsx';

export function LanguageSelect() {
  const { t, language, choose } = usePreferences();
  return (
    <label class="language">
      <span>{t('menu.language')}</span>
      <select
        data-testid="language"
        value={language}
        onChange={({ currentTarget: { value } }) =>
          isLanguage(value) && choose({ language: value })
        }
      >
        {Object.entries(LANGUAGES).map(([tag, { name }]) => (
          <option key={tag} value={tag} lang={tag}>
            {name}
          </option>
        ))}
      </select>
    </label>
  );
}
