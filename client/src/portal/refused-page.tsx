import { isStatusCode } from '../../../server/contract/index.ts';
import { Fault } from '../console/fault.tsx';
import { isFramed } from '../embed/host.ts';
import { usePreferences } from '../preferences/preferences-context.tsx';
import { PortalHead } from './portal-head.tsx';

interface Props {
  /** Whatever the address says after its #. */
  readonly code: string;
  /** What was refused: a sign-in at a provider, or else a portal's link. */
  readonly signIn: boolean;
}

/** Why a portal's link opened no console, or a provider signed nobody in. */
export function RefusedPage({ code, signIn }: Props) {
  const { t } = usePreferences();
  const unknown = signIn ? 'sign_in_failed' : 'launch_link_invalid';
  return (
    <div class="portal">
      <PortalHead />
      <main class="portal-main">
        <section class="card" data-tone="bad" role="alert">
          <h2>{t(signIn ? 'page.notSignedIn' : 'page.noEntry')}</h2>
          <Fault code={isStatusCode(code) ? code : unknown} />
          {!signIn && <p class="quiet">{t('page.openAgain')}</p>}
          {!isFramed() && <a href="/">{t(signIn ? 'page.toSignIn' : 'page.toPortal')}</a>}
        </section>
      </main>
    </div>
  );
}
