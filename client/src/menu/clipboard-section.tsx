import { useState } from 'preact/hooks';
import type { Clipboard } from '../console/use-clipboard.ts';
import { usePreferences } from '../preferences/preferences-context.tsx';

export function ClipboardSection({
  clipboard,
  disabled,
}: {
  clipboard: Clipboard;
  disabled: boolean;
}) {
  const { t } = usePreferences();
  const [refused, setRefused] = useState(false);
  const attempt = (work: () => Promise<void>) => {
    work().then(
      () => setRefused(false),
      () => setRefused(true),
    );
  };
  return (
    <section aria-labelledby="menu-clipboard">
      <h3 id="menu-clipboard">{t('menu.clipboard')}</h3>
      <textarea
        rows={3}
        data-testid="clipboard"
        aria-label={t('menu.clipboardLabel')}
        aria-describedby="menu-clipboard-hint"
        spellcheck={false}
        disabled={disabled}
        value={clipboard.text}
        onInput={(event) => clipboard.edit(event.currentTarget.value)}
      />
      <p id="menu-clipboard-hint" class="quiet">
        {t('menu.clipboardHint')}
      </p>
      {navigator.clipboard && (
        <div class="keys">
          <button
            type="button"
            disabled={disabled}
            onClick={() =>
              attempt(async () => clipboard.edit(await navigator.clipboard.readText()))
            }
          >
            {t('menu.clipboardRead')}
          </button>
          <button
            type="button"
            disabled={clipboard.text === ''}
            onClick={() => attempt(() => navigator.clipboard.writeText(clipboard.text))}
          >
            {t('menu.clipboardWrite')}
          </button>
        </div>
      )}
      {refused && <p role="alert">{t('menu.clipboardRefused')}</p>}
    </section>
  );
}
