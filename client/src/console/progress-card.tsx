import { Check, LoaderCircle } from 'lucide-preact';
import { useState } from 'preact/hooks';
import { CONSOLE_STEPS, type ConsoleStep } from '../../../server/contract/index.ts';
import { usePreferences } from '../preferences/preferences-context.tsx';
import { Logo } from '../styles/logo.tsx';
import { currentStep } from './current-step.ts';
import type { Page } from './page-state.ts';
import { formatLeft } from './server-clock.ts';
import { useNow } from './use-now.ts';

/** Milliseconds after which the page begins to count: a quick start needs no clock. */
const PATIENCE = 3000;

/** Steps that are not every console's: shown only where somebody waits for them. */
const SOMETIMES: readonly ConsoleStep[] = ['waiting-for-provider', 'starting-screen'];

/** The steps of a console on its way, the present one moving, and how long it has taken. */
export function ProgressCard({ page }: { page: Page }) {
  const { t } = usePreferences();
  const now = useNow(1000);
  const [since] = useState(Date.now);
  const step = currentStep(page.phase);
  const steps = CONSOLE_STEPS.filter((name) => !SOMETIMES.includes(name) || name === step);
  const reached = step === null ? -1 : steps.indexOf(step);
  const title = page.seen && page.failures > 0 ? t('page.reconnecting') : page.console?.machineName;
  return (
    <section class="card progress">
      <Logo />
      <h2>{title ?? t('state.redeeming')}</h2>
      <ol class="steps">
        {steps.map((name, index) => (
          <li
            key={name}
            data-step={name}
            data-reached={index < reached ? 'done' : index === reached ? 'now' : 'later'}
            aria-current={index === reached ? 'step' : undefined}
          >
            {index < reached ? <Check aria-hidden="true" /> : <LoaderCircle aria-hidden="true" />}
            {t(`step.${name}`)}
          </li>
        ))}
      </ol>
      <p class="quiet" aria-hidden="true">
        {now - since > PATIENCE
          ? t('page.elapsed', { elapsed: formatLeft(now - since) })
          : '\u00a0'}
      </p>
    </section>
  );
}
