import { Check, Copy } from 'lucide-preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { CreatedApiToken } from '../../../server/contract/index.ts';
import { usePreferences } from '../preferences/preferences-context.tsx';

interface Props {
  readonly token: CreatedApiToken;
  readonly onKept: () => void;
}

/** The only time that somebody sees their token. */
export function MadeToken({ token: { name, token }, onKept }: Props) {
  const { t } = usePreferences();
  const field = useRef<HTMLInputElement>(null);
  const [copied, setCopied] = useState(false);
  useEffect(() => field.current?.select(), [token]);
  const copy = () => {
    field.current?.select();
    // Refused without a permission, absent without TLS: the selection can be copied by hand.
    const written = navigator.clipboard?.writeText(token) ?? Promise.reject(new Error());
    written.then(
      () => setCopied(true),
      () => setCopied(document.execCommand('copy')),
    );
  };
  return (
    <div class="account-step" data-testid="made-token">
      <p>{t('tokens.made', { name })}</p>
      <input
        ref={field}
        class="token-text"
        data-testid="token-text"
        aria-label={t('tokens.token')}
        readOnly
        value={token}
      />
      <div class="actions">
        <button type="button" class="primary" data-testid="token-copy" onClick={copy}>
          {copied ? <Check aria-hidden="true" /> : <Copy aria-hidden="true" />}
          <span role="status">{t(copied ? 'account.copied' : 'account.copy')}</span>
        </button>
        <button type="button" data-testid="token-kept" onClick={onKept}>
          {t('tokens.kept')}
        </button>
      </div>
    </div>
  );
}
