import { useMemo } from 'preact/hooks';
import { formatSoon } from '../i18n/times.ts';
import { usePreferences } from '../preferences/preferences-context.tsx';
import { currentStep } from './current-step.ts';
import { isLive, type Page } from './page-state.ts';
import { timeLeft, warningOf } from './server-clock.ts';
import { stateWords } from './state-words.ts';
import { useNow } from './use-now.ts';

/** Says each change of state, and the last minutes, to those who do not see the page. */
export function Announcer({ page }: { page: Page }) {
  const { t, language } = usePreferences();
  const left = timeLeft(page, useNow(1000));
  const step = currentStep(page.phase);
  const warning = left !== null && isLive(page.phase) ? warningOf(left) : null;
  // Said once for each warning: a countdown that speaks each second is nothing but noise.
  const soon = useMemo(
    () => (left === null || warning === null ? null : formatSoon(left, language)),
    [warning, page.console?.expiresAt, language],
  );
  return (
    <>
      <p class="visually-hidden" role="status">
        {step === null ? t(stateWords(page)) : t(`step.${step}`)}
      </p>
      <p class="visually-hidden" role="status" data-testid="closes-soon">
        {soon === null ? '' : t('page.closesSoon', { soon })}
      </p>
    </>
  );
}
