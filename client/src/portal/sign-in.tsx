import type { ComponentChildren } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { Me } from '../../../server/contract/index.ts';
import { type FaultCode, faultOf } from '../api/fault-code.ts';
import { portalApi } from '../api/gateway-api.ts';
import { Fault } from '../console/fault.tsx';
import { usePreferences } from '../preferences/preferences-context.tsx';

interface Props {
  readonly onSignedIn: (me: Me) => void;
  /** Other ways to sign in. */
  readonly children?: ComponentChildren;
}

export function SignIn({ onSignedIn, children }: Props) {
  const { t } = usePreferences();
  const [busy, setBusy] = useState(false);
  const [fault, setFault] = useState<FaultCode | null>(null);
  const [asksCode, setAsksCode] = useState(false);
  const code = useRef<HTMLInputElement>(null);
  useEffect(() => code.current?.focus(), [asksCode]);

  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    const form = event.currentTarget as HTMLFormElement;
    const fields = new FormData(form);
    const field = (name: string) => {
      const value = fields.get(name);
      return typeof value === 'string' ? value : '';
    };
    setBusy(true);
    setFault(null);
    const totp = asksCode ? field('totp') : undefined;
    portalApi
      .login(field('username'), field('password'), totp)
      .then(onSignedIn, (error: unknown) => {
        const refused = faultOf(error);
        setFault(refused);
        setBusy(false);
        setAsksCode(refused === 'totp_required' || refused === 'totp_wrong');
        const wrong = refused === 'totp_wrong' ? 'totp' : 'password';
        if (refused !== 'totp_required') {
          form.querySelector<HTMLInputElement>(`[name=${wrong}]`)?.select();
        }
      });
  };

  return (
    <form class="card sign-in" data-testid="sign-in" onSubmit={submit}>
      <h1>{t('portal.signIn')}</h1>
      <p class="quiet">{t('portal.signInText')}</p>
      <label>
        <span>{t('portal.username')}</span>
        <input
          name="username"
          data-testid="username"
          autocomplete="username"
          autocapitalize="off"
          spellcheck={false}
          maxLength={128}
          required
          autofocus
        />
      </label>
      <label>
        <span>{t('portal.password')}</span>
        <input
          name="password"
          data-testid="password"
          type="password"
          autocomplete="current-password"
          maxLength={1024}
          required
        />
      </label>
      {asksCode && (
        <label>
          <span>{t('account.code')}</span>
          <input
            ref={code}
            name="totp"
            data-testid="totp-code"
            autocomplete="one-time-code"
            autocapitalize="off"
            spellcheck={false}
            maxLength={16}
            required
          />
        </label>
      )}
      <div role="alert">{fault && <Fault code={fault} />}</div>
      <button type="submit" class="primary" data-testid="submit" disabled={busy}>
        {t('portal.signIn')}
      </button>
      {children}
    </form>
  );
}
