import { usePreferences } from '../preferences/preferences-context.tsx';
import { SessionsSection } from './sessions-section.tsx';
import { TotpSection } from './totp-section.tsx';

/** A person's own account. `onChanged` is called when what they may do here has changed. */
export function Account({ onChanged }: { onChanged: () => void }) {
  const { t } = usePreferences();
  return (
    <div class="account" data-testid="account-page">
      <div class="list-head">
        <h1>{t('account.title')}</h1>
        <span class="bar-space" />
        <a href="/">{t('page.toPortal')}</a>
      </div>
      <TotpSection onChanged={onChanged} />
      <SessionsSection />
    </div>
  );
}
