import { LogIn } from 'lucide-preact';
import { useEffect, useState } from 'preact/hooks';
import type { Me, SignInMethods } from '../../../server/contract/index.ts';
import { portalApi } from '../api/gateway-api.ts';
import { usePreferences } from '../preferences/preferences-context.tsx';
import { SignIn } from './sign-in.tsx';

/** Where nobody can be asked, a name and a password are worth a try. */
const BY_PASSWORD: SignInMethods = { password: true, oidc: [] };

/** A password, providers to sign in with, or both, as the gateway is configured. */
export function WaysIn({ onSignedIn }: { onSignedIn: (me: Me) => void }) {
  const { t } = usePreferences();
  const [ways, setWays] = useState<SignInMethods | null>(null);
  useEffect(() => {
    portalApi.waysToSignIn().then(setWays, () => setWays(BY_PASSWORD));
  }, []);
  if (ways === null) return null;

  const providers = ways.oidc.map(({ id, name, url }) => (
    <button
      key={id}
      type="button"
      class={ways.password ? 'provider' : 'provider primary'}
      data-testid={`provider-${id}`}
      onClick={() => location.assign(url)}
    >
      <LogIn aria-hidden="true" />
      <span>{t('portal.signInWith', { name })}</span>
    </button>
  ));
  if (ways.password) {
    return (
      <SignIn onSignedIn={onSignedIn}>
        {providers.length > 0 && <p class="or">{t('portal.or')}</p>}
        {providers}
      </SignIn>
    );
  }
  return (
    <section class="card sign-in">
      <h1>{t('portal.signIn')}</h1>
      <p class="quiet">{t(providers.length > 0 ? 'portal.signInText' : 'portal.noWayIn')}</p>
      {providers}
    </section>
  );
}
