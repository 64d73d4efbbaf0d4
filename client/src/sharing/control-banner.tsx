import { HOLDER } from '../../../server/contract/index.ts';
import { controllerOf, othersOf } from '../console/participants.ts';
import type { Page } from '../console/page-state.ts';
import { usePreferences } from '../preferences/preferences-context.tsx';
import type { Control } from './use-control.ts';

/** Tells the holder that a guest has keyboard and mouse, and takes them back. */
export function ControlBanner({ page, control }: { page: Page; control: Control }) {
  const { t } = usePreferences();
  const controller = controllerOf(page);
  if (page.viewer !== null || page.phase.name === 'ended') return null;
  const count = othersOf(page).length;
  return (
    <div role="status">
      {count > 0 && <span class="visually-hidden">{t('watch.watching', { count })}</span>}
      {controller && (
        <p class="banner banner-control" data-testid="control-banner">
          {t('watch.controls', { name: controller.name })}
          <button
            type="button"
            data-testid="take-back"
            disabled={control.busy}
            onMouseDown={(event) => event.preventDefault()}
            onClick={() => control.give(HOLDER)}
          >
            {t('share.takeBack')}
          </button>
        </p>
      )}
    </div>
  );
}
