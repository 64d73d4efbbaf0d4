import { isStatusCode } from '../../../server/contract/index.ts';
import { Fault } from '../console/fault.tsx';
import { isFramed } from '../embed/host.ts';
import { usePreferences } from '../preferences/preferences-context.tsx';
import { PortalHead } from './portal-head.tsx';

/** Why a portal's link opened no console. `code` is whatever the address says after its #. */
export function RefusedPage({ code }: { code: string }) {
  const { t } = usePreferences();
  return (
    <div class="portal">
      <PortalHead />
      <main class="portal-main">
        <section class="card" data-tone="bad" role="alert">
          <h2>{t('page.noEntry')}</h2>
          <Fault code={isStatusCode(code) ? code : 'launch_link_invalid'} />
          <p class="quiet">{t('page.openAgain')}</p>
          {!isFramed() && <a href="/">{t('page.toPortal')}</a>}
        </section>
      </main>
    </div>
  );
}
