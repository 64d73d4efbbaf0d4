import { HOLDER } from '../../../server/contract/index.ts';
import { Fault } from '../console/fault.tsx';
import { othersOf } from '../console/participants.ts';
import type { Page } from '../console/page-state.ts';
import { usePreferences } from '../preferences/preferences-context.tsx';
import type { Control } from './use-control.ts';

/** Who watches the holder's console, and who of them has keyboard and mouse. */
export function Watchers({ page, control }: { page: Page; control: Control }) {
  const { t } = usePreferences();
  const watchers = othersOf(page);
  return (
    <section aria-labelledby="share-people">
      <h3 id="share-people">{t('share.people')}</h3>
      {watchers.length === 0 && <p class="quiet">{t('share.nobody')}</p>}
      <ul class="share-list">
        {watchers.map(({ id, name, readOnly }) => {
          const controls = page.console?.control === id;
          return (
            <li key={id} data-viewer={id}>
              <p>
                <strong>{name}</strong>
                <small>
                  {controls
                    ? t('share.controls')
                    : t(readOnly ? 'share.mayLook' : 'share.mayControl')}
                </small>
              </p>
              {!readOnly && (
                <button
                  type="button"
                  data-testid={controls ? 'list-take-back' : 'give-control'}
                  disabled={control.busy}
                  aria-label={controls ? undefined : t('share.giveTo', { name })}
                  onClick={() => control.give(controls ? HOLDER : id)}
                >
                  {t(controls ? 'share.takeBack' : 'share.give')}
                </button>
              )}
            </li>
          );
        })}
      </ul>
      {control.fault && <Fault code={control.fault} />}
    </section>
  );
}
