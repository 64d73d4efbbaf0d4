import type { Me } from '../../../server/contract/index.ts';
import { usePreferences } from '../preferences/preferences-context.tsx';
import { SessionsSection } from './sessions-section.tsx';
import { TokensSection } from './tokens-section.tsx';
import { TotpSection } from './totp-section.tsx';

interface Props {
  readonly who: Me;
  /** Called when what they may do here has changed. */
  readonly onChanged: () => void;
}

/** A person's own account. */
export function Account({ who, onChanged }: Props) {
  const { t } = usePreferences();
  return (
    <div class="account" data-testid="account-page">
      <div class="list-head">
        <h1>{t('account.title')}</h1>
        <span class="bar-space" />
        <a href="/">{t('page.toPortal')}</a>
      </div>
      <TotpSection onChanged={onChanged} />
      {who.mayHaveTokens && <TokensSection who={who} />}
      <SessionsSection />
    </div>
  );
}
