import { ClockPlus } from 'lucide-preact';
import { usePreferences } from '../preferences/preferences-context.tsx';
import { offersExtension } from './extension.ts';
import type { Page } from './page-state.ts';
import type { Extend } from './use-extend.ts';
import { useNow } from './use-now.ts';

interface Props {
  readonly page: Page;
  readonly extend: Extend;
  readonly onExtend: () => void;
}

/** More time for the console, offered in the bar when its last minutes run. */
export function ExtendButton({ page, extend, onExtend }: Props) {
  const { t } = usePreferences();
  if (!offersExtension(page, useNow(500))) return null;
  return (
    <button
      type="button"
      class="bar-extend"
      data-testid="extend"
      disabled={extend.busy}
      title={t('extend.hint')}
      onMouseDown={(event) => event.preventDefault()}
      onClick={onExtend}
    >
      <ClockPlus aria-hidden="true" />
      {t('extend.button')}
    </button>
  );
}
