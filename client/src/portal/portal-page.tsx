import { CircleUserRound, LogOut } from 'lucide-preact';
import { useCallback, useEffect, useState } from 'preact/hooks';
import type { Me } from '../../../server/contract/index.ts';
import { type FaultCode, faultOf } from '../api/fault-code.ts';
import { portalApi } from '../api/gateway-api.ts';
import { Account } from '../account/account.tsx';
import { Fault } from '../console/fault.tsx';
import { usePreferences } from '../preferences/preferences-context.tsx';
import { Approvals } from './approvals.tsx';
import { Audit } from './audit.tsx';
import { Machines } from './machines.tsx';
import { OpenConsoles } from './open-consoles.tsx';
import { OthersConsoles } from './others-consoles.tsx';
import { PortalHead } from './portal-head.tsx';
import { rememberSignedIn } from './signed-in-here.ts';
import { WaysIn } from './ways-in.tsx';
import { useConsoles } from './use-consoles.ts';

/** `null` is nobody; `undefined` is not known yet. */
type Who = Me | null | undefined;

/** Which of the portal's pages it is. */
export type PortalView = 'machines' | 'account' | 'audit';

export function PortalPage({ view }: { view: PortalView }) {
  const { t } = usePreferences();
  const [who, setWho] = useState<Who>();
  const [fault, setFault] = useState<FaultCode | null>(null);

  const ask = () => {
    setFault(null);
    portalApi.me().then(setWho, (error: unknown) => {
      const code = faultOf(error);
      if (code === 'unauthenticated') setWho(null);
      else setFault(code);
    });
  };
  useEffect(ask, []);
  useEffect(() => {
    if (who !== undefined) rememberSignedIn(who !== null);
  }, [who]);
  const signedOut = useCallback(() => setWho(null), []);
  const signOut = () => {
    portalApi.logout().then(
      () => setWho(null),
      (error: unknown) => setFault(faultOf(error)),
    );
  };

  // Whoever has to enrol may do nothing else yet, whichever address they came to.
  const shown = who && (who.mustEnrolTotp ? 'account' : view);
  return (
    <div class="portal">
      <PortalHead>
        {who && (
          <>
            {who.role === 'admin' && <Views current={view} />}
            <a
              class="button portal-who"
              href="/account"
              aria-current={shown === 'account' ? 'page' : undefined}
              data-testid="account"
            >
              <CircleUserRound aria-hidden="true" />
              <span>
                {t('account.nav')}
                <small>
                  {`${who.name} · `}
                  <span data-testid="role">{t(`role.${who.role}`)}</span>
                </small>
              </span>
            </a>
            <button type="button" data-testid="sign-out" onClick={signOut}>
              <LogOut aria-hidden="true" />
              <span class="sign-out-words">{t('portal.signOut')}</span>
            </button>
          </>
        )}
      </PortalHead>
      <main class="portal-main">
        {fault && (
          <div class="notice">
            <Fault code={fault} />
            <button type="button" onClick={ask}>
              {t('portal.retry')}
            </button>
          </div>
        )}
        {who === null && <WaysIn onSignedIn={setWho} />}
        {who && shown === 'account' && <Account who={who} onChanged={ask} />}
        {who && shown === 'machines' && <Lists who={who} onSignedOut={signedOut} />}
        {shown === 'audit' && <Audit onSignedOut={signedOut} />}
      </main>
    </div>
  );
}

/** The ways between the pages, for whoever has more than one. */
function Views({ current }: { current: PortalView }) {
  const { t } = usePreferences();
  const mark = (view: PortalView) => (view === current ? 'page' : undefined);
  return (
    <nav class="views">
      <a href="/" aria-current={mark('machines')}>
        {t('portal.title')}
      </a>
      <a href="/audit" aria-current={mark('audit')}>
        {t('audit.nav')}
      </a>
    </nav>
  );
}

interface ListsProps {
  readonly who: Me;
  readonly onSignedOut: () => void;
}

/** What waits for the person, what they and others have open, and what they may open. */
function Lists({ who, onSignedOut }: ListsProps) {
  const { own, waiting, fault, refresh } = useConsoles(who.name);
  useEffect(() => {
    if (fault === 'unauthenticated') onSignedOut();
  }, [fault, onSignedOut]);
  return (
    <>
      <Approvals consoles={waiting} onChanged={refresh} />
      <OpenConsoles consoles={own} onChanged={refresh} />
      {who.role !== 'customer' && <OthersConsoles user={who.name} onChanged={refresh} />}
      <Machines onSignedOut={onSignedOut} onOpened={refresh} />
    </>
  );
}
