import { usePreferences } from '../preferences/preferences-context.tsx';
import { currentStep } from './current-step.ts';
import { isLive, type Page } from './page-state.ts';
import { timeLeft, warningOf } from './server-clock.ts';
import { stateWords } from './state-words.ts';
import { useNow } from './use-now.ts';

/** Says each change of state, and the last minutes, to those who do not see the page. */
export function Announcer({ page }: { page: Page }) {
  const { t } = usePreferences();
  const left = timeLeft(page, useNow(1000));
  const step = currentStep(page.phase);
  const warning = left !== null && isLive(page.phase) ? warningOf(left) : null;
  return (
    <>
      <p class="visually-hidden" role="status">
        {step === null ? t(stateWords(page)) : t(`step.${step}`)}
      </p>
      <p class="visually-hidden" role="status">
        {warning === null ? '' : t('page.closesIn', { count: warning })}
      </p>
    </>
  );
}
