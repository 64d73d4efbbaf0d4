import { Check, Copy } from 'lucide-preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { CreatedShare } from '../../../server/contract/index.ts';
import { usePreferences } from '../preferences/preferences-context.tsx';

/** A new link, which is to be copied now: nobody can see it again. */
export function MadeLink({ share, onAnother }: { share: CreatedShare; onAnother: () => void }) {
  const { t, time } = usePreferences();
  const field = useRef<HTMLInputElement>(null);
  const [copied, setCopied] = useState(false);
  useEffect(() => field.current?.select(), [share]);
  const copy = () => {
    field.current?.select();
    // Refused without a permission, absent without TLS: the selection can be copied by hand.
    const written = navigator.clipboard?.writeText(share.url) ?? Promise.reject(new Error());
    written.then(
      () => setCopied(true),
      () => setCopied(document.execCommand('copy')),
    );
  };
  return (
    <section class="made-link">
      <label>
        <span class="visually-hidden">{t('share.url')}</span>
        <input ref={field} readOnly data-testid="share-url" value={share.url} />
      </label>
      <button type="button" class="primary" data-testid="share-copy" onClick={copy}>
        {copied ? <Check aria-hidden="true" /> : <Copy aria-hidden="true" />}
        <span role="status">{t(copied ? 'share.copied' : 'share.copy')}</span>
      </button>
      <p class="quiet">{t('share.made', { time: time(new Date(share.expiresAt)) })}</p>
      <button type="button" data-testid="share-another" onClick={onAnother}>
        {t('share.another')}
      </button>
    </section>
  );
}
