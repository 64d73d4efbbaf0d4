import { useEffect, useRef } from 'preact/hooks';
import { usePreferences } from '../preferences/preferences-context.tsx';
import { idleWarning } from './idle.ts';
import type { Page } from './page-state.ts';
import { formatLeft } from './server-clock.ts';
import { useNow } from './use-now.ts';

const STIRS = ['keydown', 'pointerdown', 'pointermove'] as const;

interface Props {
  readonly page: Page;
  /** Called when a person acts while the warning is shown; null where that goes to the machine. */
  readonly onStir: (() => void) | null;
}

/** Says that the console is about to close because nobody uses it. */
export function IdleWarning({ page, onStir }: Props) {
  const { t } = usePreferences();
  const left = idleWarning(page, useNow(250));
  const shown = left !== null;
  // Read out once, when it comes: a countdown that speaks each second is nothing but noise.
  const first = useRef('');

  useEffect(() => {
    if (!shown || onStir === null) return undefined;
    for (const type of STIRS) window.addEventListener(type, onStir, { capture: true });
    return () => {
      for (const type of STIRS) window.removeEventListener(type, onStir, { capture: true });
    };
  }, [shown, onStir]);

  if (left === null) {
    first.current = '';
    return null;
  }
  const words = t('idle.warning', { time: formatLeft(left) });
  first.current ||= words;
  return (
    <p class="banner" role="status" data-testid="idle-warning">
      <span class="visually-hidden">{first.current}</span>
      <span aria-hidden="true">{words}</span>
    </p>
  );
}
