import { useEffect, useRef, useState } from 'preact/hooks';
import { type FaultCode, faultOf } from '../api/fault-code.ts';
import { Fault } from '../console/fault.tsx';
import { usePreferences } from '../preferences/preferences-context.tsx';

interface Props {
  /** Which fields are asked for. */
  readonly asks: readonly ('password' | 'code')[];
  /** On the button. */
  readonly words: string;
  readonly danger?: boolean;
  /** Of the code's field, where it takes no recovery code. */
  readonly codeWords?: string;
  readonly testId: string;
  readonly onSubmit: (given: { password: string; code: string }) => Promise<void>;
  /** Without it there is no way back. */
  readonly onCancel?: () => void;
}

/** Asks for the password, a code or both before something about the account changes. */
export function ProofForm({ asks, words, danger, codeWords, testId, onSubmit, onCancel }: Props) {
  const { t } = usePreferences();
  const [busy, setBusy] = useState(false);
  const [fault, setFault] = useState<FaultCode | null>(null);
  const ref = useRef<HTMLFormElement>(null);
  useEffect(() => ref.current?.querySelector('input')?.focus(), []);

  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    const form = event.currentTarget as HTMLFormElement;
    const value = (name: string) =>
      form.querySelector<HTMLInputElement>(`[name=${name}]`)?.value ?? '';
    setBusy(true);
    setFault(null);
    onSubmit({ password: value('password'), code: value('code') })
      .catch((error: unknown) => {
        const code = faultOf(error);
        setFault(code);
        const wrong = code === 'totp_wrong' ? 'code' : asks[0];
        form.querySelector<HTMLInputElement>(`[name=${wrong}]`)?.select();
      })
      .finally(() => setBusy(false));
  };

  return (
    <form ref={ref} class="proof" data-testid={testId} onSubmit={submit}>
      {asks.includes('password') && (
        <label>
          <span>{t('portal.password')}</span>
          <input
            name="password"
            type="password"
            autocomplete="current-password"
            maxLength={1024}
            required
          />
        </label>
      )}
      {asks.includes('code') && (
        <label>
          <span>{codeWords ?? t('account.code')}</span>
          <input
            name="code"
            autocomplete="one-time-code"
            autocapitalize="off"
            spellcheck={false}
            minLength={6}
            maxLength={16}
            required
          />
        </label>
      )}
      <div role="alert">{fault && <Fault code={fault} />}</div>
      <div class="actions">
        {onCancel && (
          <button type="button" onClick={onCancel}>
            {t('account.cancel')}
          </button>
        )}
        <button type="submit" class={danger ? 'danger' : 'primary'} disabled={busy}>
          {words}
        </button>
      </div>
    </form>
  );
}
