import { Eye, Keyboard } from 'lucide-preact';
import { controllerOf, mayEverType, mayType } from '../console/participants.ts';
import type { Page } from '../console/page-state.ts';
import { usePreferences } from '../preferences/preferences-context.tsx';
import { Fault } from '../console/fault.tsx';
import type { Control } from './use-control.ts';

/** Tells a guest whose console it is and who has control, and lets them take it where they may. */
export function WatchBar({ page, control }: { page: Page; control: Control }) {
  const { t } = usePreferences();
  const { console, viewer, phase } = page;
  if (console === null || viewer === null || phase.name === 'ended') return null;
  const mine = mayType(page);
  const other = controllerOf(page);
  return (
    <section class="watch-bar" data-testid="watch-bar" data-mine={mine}>
      {mine ? <Keyboard aria-hidden="true" /> : <Eye aria-hidden="true" />}
      <p role="status">
        <strong>{t('watch.console', { user: console.user })}</strong>
        {' · '}
        <span data-testid="watch-words">
          {t(mine ? 'watch.yours' : 'watch.look')}
          {!mine &&
            other &&
            other.id !== viewer.id &&
            ` ${t('watch.controls', { name: other.name })}.`}
        </span>
      </p>
      {control.fault && <Fault code={control.fault} />}
      {mayEverType(page) && (
        <button
          type="button"
          class={mine ? undefined : 'primary'}
          data-testid={mine ? 'hand-back' : 'take-control'}
          disabled={control.busy}
          onMouseDown={(event) => event.preventDefault()}
          onClick={() => control.give(mine ? 'holder' : viewer.id)}
        >
          {t(mine ? 'watch.handBack' : 'watch.take')}
        </button>
      )}
    </section>
  );
}
