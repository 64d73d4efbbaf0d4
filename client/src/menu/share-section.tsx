import { usePreferences } from '../preferences/preferences-context.tsx';

export function ShareSection({ onShare }: { onShare: () => void }) {
  const { t } = usePreferences();
  return (
    <section class="menu-share">
      <button
        type="button"
        data-testid="menu-share"
        aria-haspopup="dialog"
        aria-describedby="menu-share-hint"
        onClick={onShare}
      >
        {t('share.open')}
      </button>
      <p id="menu-share-hint" class="quiet">
        {t('share.openHint')}
      </p>
    </section>
  );
}
