import { usePreferences } from '../preferences/preferences-context.tsx';
import { PortalHead } from './portal-head.tsx';

/** For an address at which there is no page. */
export function LostPage() {
  const { t } = usePreferences();
  return (
    <div class="portal">
      <PortalHead />
      <main class="portal-main">
        <section class="card" data-tone="calm" data-testid="no-page">
          <h1>{t('page.nothing')}</h1>
          <p>{t('page.nothingText')}</p>
          <a href="/">{t('page.toPortal')}</a>
        </section>
      </main>
    </div>
  );
}
