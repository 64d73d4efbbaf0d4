import { LogOut } from 'lucide-preact';
import { useEffect, useState } from 'preact/hooks';
import type { Me } from '../../../server/contract/index.ts';
import { type FaultCode, faultOf } from '../api/fault-code.ts';
import { portalApi } from '../api/gateway-api.ts';
import { Fault } from '../console/fault.tsx';
import { usePreferences } from '../preferences/preferences-context.tsx';
import { Machines } from './machines.tsx';
import { SignIn } from './sign-in.tsx';
import { PortalHead } from './portal-head.tsx';

/** `null` is nobody; `undefined` is not known yet. */
type Who = Me | null | undefined;

export function PortalPage() {
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
  const signOut = () => {
    portalApi.logout().then(
      () => setWho(null),
      (error: unknown) => setFault(faultOf(error)),
    );
  };

  return (
    <div class="portal">
      <PortalHead>
        {who && (
          <>
            <span class="portal-who">
              {who.name}
              <small data-testid="role">{t(`role.${who.role}`)}</small>
            </span>
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
        {who === null && <SignIn onSignedIn={setWho} />}
        {who && <Machines onSignedOut={() => setWho(null)} />}
      </main>
    </div>
  );
}
