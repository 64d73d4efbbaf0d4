import { useMemo } from 'preact/hooks';
import { timeZones } from '../i18n/times.ts';
import { usePreferences } from '../preferences/preferences-context.tsx';
import { LanguageSelect } from './language-select.tsx';

export function RegionSection() {
  const { t, timezone, choose } = usePreferences();
  const zones = useMemo(() => timeZones(timezone), [timezone]);
  return (
    <section class="fields">
      <LanguageSelect />
      <label>
        <span>{t('menu.timezone')}</span>
        <select
          data-testid="timezone"
          aria-describedby="menu-timezone-hint"
          value={timezone}
          onChange={(event) => choose({ timezone: event.currentTarget.value })}
        >
          {zones.map((zone) => (
            <option key={zone} value={zone}>
              {zone.replaceAll('_', ' ')}
            </option>
          ))}
        </select>
      </label>
      <p id="menu-timezone-hint" class="quiet">
        {t('menu.timezoneHint')}
      </p>
    </section>
  );
}
