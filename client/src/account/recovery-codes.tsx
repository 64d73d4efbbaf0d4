import { Copy, Download } from 'lucide-preact';
import { useState } from 'preact/hooks';
import { usePreferences } from '../preferences/preferences-context.tsx';

interface Props {
  readonly codes: readonly string[];
  readonly onKept: () => void;
}

/** The only time that somebody sees their recovery codes. */
export function RecoveryCodes({ codes, onKept }: Props) {
  const { t } = usePreferences();
  const [copied, setCopied] = useState(false);
  const text = `${codes.join('\n')}\n`;

  return (
    <div class="account-step" data-testid="recovery-codes">
      <h3>{t('account.codesTitle')}</h3>
      <p class="quiet">{t('account.codesText')}</p>
      <ul class="recovery-codes">
        {codes.map((code) => (
          <li key={code}>{code}</li>
        ))}
      </ul>
      <div class="actions">
        {/* Browsers have a clipboard on https and localhost only. */}
        {'clipboard' in navigator && (
          <button
            type="button"
            data-testid="copy-codes"
            onClick={() => {
              navigator.clipboard.writeText(text).then(
                () => setCopied(true),
                () => setCopied(false),
              );
            }}
          >
            <Copy aria-hidden="true" />
            {t(copied ? 'account.copied' : 'account.copy')}
          </button>
        )}
        <button type="button" data-testid="download-codes" onClick={() => download(text)}>
          <Download aria-hidden="true" />
          {t('account.download')}
        </button>
        <button type="button" class="primary" data-testid="codes-kept" onClick={onKept}>
          {t('account.codesKept')}
        </button>
      </div>
    </div>
  );
}

function download(text: string): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([text], { type: 'text/plain' }));
  link.download = 'rackside-recovery-codes.txt';
  link.click();
  URL.revokeObjectURL(link.href);
}
