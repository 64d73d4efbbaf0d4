import { HOLDER } from '../../../server/contract/index.ts';
import { Fault } from '../console/fault.tsx';
import { controllerOf, othersOf } from '../console/participants.ts';
import type { Page } from '../console/page-state.ts';
import { usePreferences } from '../preferences/preferences-context.tsx';
import type { Control } from './use-control.ts';

/** Tells the holder that a guest has keyboard and mouse, and takes them back. */
export function ControlBar({ page, control }: { page: Page; control: Control }) {
  const { t } = usePreferences();
  const controller = controllerOf(page);
  if (page.viewer !== null || page.phase.name === 'ended') return null;
  const count = othersOf(page).length;
  return (
    <div role="status">
      {count > 0 && <span class="visually-hidden">{t('watch.watching', { count })}</span>}
      {controller && (
        <div class="watch-bar control-bar" data-testid="control-banner">
          <p>{t('watch.controls', { name: controller.name })}</p>
          <button
            type="button"
            data-testid="take-back"
            disabled={control.busy}
            onMouseDown={(event) => event.preventDefault()}
            onClick={() => control.give(HOLDER)}
          >
            {t('share.takeBack')}
          </button>
          {control.fault && <Fault code={control.fault} />}
        </div>
      )}
    </div>
  );
}
