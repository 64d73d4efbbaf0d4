import { isStatusCode, type StatusCode } from '../../../server/contract/index.ts';
import { Fault } from '../console/fault.tsx';
import { isFramed } from '../embed/host.ts';
import { useTold } from '../embed/use-told.ts';
import type { TextKey } from '../i18n/catalogue.ts';
import { usePreferences } from '../preferences/preferences-context.tsx';
import { PortalHead } from './portal-head.tsx';
import { ToPortal } from './to-portal.tsx';

interface Props {
  /** Whatever the address says after its #: a code, and for a faulty link the claim at fault. */
  readonly said: string;
  /** What was refused: a sign-in at a provider, or else a portal's link. */
  readonly signIn: boolean;
}

/** A claim's name and no more: anybody can write a link to this page. */
const CLAIM = /^[A-Za-z0-9_]{1,24}$/;

/** What the portal did wrong, and whoever followed its link cannot mend. */
const PORTALS_FAULTS: Partial<Record<StatusCode, TextKey>> = {
  invalid_request: 'page.faultyLink',
  purpose_required: 'page.linkWithoutPurpose',
};

/** Why a portal's link opened no console, or a provider signed nobody in. */
export function RefusedPage({ said, signIn }: Props) {
  const { t } = usePreferences();
  const [first = '', second = ''] = said.split(':', 2);
  const unknown = signIn ? 'sign_in_failed' : 'launch_link_invalid';
  const code = isStatusCode(first) ? first : unknown;
  const portals = signIn ? undefined : PORTALS_FAULTS[code];
  useTold(signIn ? null : { type: 'closed', reason: null, code }, () => undefined);
  return (
    <div class="portal">
      <PortalHead />
      <main class="portal-main">
        <section class="card" data-tone="bad" role="alert">
          <h2>{t(signIn ? 'page.notSignedIn' : 'page.noEntry')}</h2>
          {portals ? (
            <p class="fault" data-testid="fault" data-code={code}>
              {t(portals)}
            </p>
          ) : (
            <Fault code={code} />
          )}
          {!signIn && !portals && <p class="quiet">{t('page.openAgain')}</p>}
          {!signIn && (
            <p class="quiet">
              <small data-testid="fault-detail">
                {code === 'invalid_request' && CLAIM.test(second) ? `${code}: ${second}` : code}
              </small>
            </p>
          )}
          {!isFramed() && (signIn ? <a href="/">{t('page.toSignIn')}</a> : <ToPortal />)}
        </section>
      </main>
    </div>
  );
}
