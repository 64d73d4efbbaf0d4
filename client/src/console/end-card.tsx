import { usePreferences } from '../preferences/preferences-context.tsx';
import { canTryAgain } from './advance.ts';
import { Fault } from './fault.tsx';
import type { Page } from './page-state.ts';

export function EndCard({ page, onTryAgain }: { page: Page; onTryAgain: () => void }) {
  const { t } = usePreferences();
  if (page.phase.name !== 'ended') return null;
  const { reason, fault, unsure = false } = page.phase;
  const again = canTryAgain(page);
  const title =
    reason !== null
      ? (`closed.${reason}` as const)
      : again || unsure
        ? 'page.refused'
        : 'page.noEntry';
  const calm = reason !== null && reason !== 'failed';
  return (
    <section class="card" data-tone={calm ? 'calm' : 'bad'} data-reason={reason ?? undefined}>
      <h2>{t(title)}</h2>
      <Fault code={fault} />
      {again && (
        <button type="button" class="primary" data-testid="reconnect-now" onClick={onTryAgain}>
          {t('page.tryAgain')}
        </button>
      )}
      {!again && !unsure && <p class="quiet">{t('page.openAgain')}</p>}
      <a href="/">{t('page.toPortal')}</a>
    </section>
  );
}
