import { useEffect, useState } from 'preact/hooks';
import { portalApi } from '../api/gateway-api.ts';
import { usePreferences } from '../preferences/preferences-context.tsx';
import { wasSignedIn } from './signed-in-here.ts';

/** The way to the list of machines, for whoever is signed in: to others it would be a dead end. */
export function ToPortal() {
  const { t } = usePreferences();
  const [signedIn, setSignedIn] = useState(false);
  useEffect(() => {
    if (!wasSignedIn()) return;
    portalApi.me().then(
      () => setSignedIn(true),
      () => undefined,
    );
  }, []);
  return signedIn ? <a href="/">{t('page.toPortal')}</a> : null;
}
