import { useState } from 'preact/hooks';
import type { TotpBegun } from '../../../server/contract/index.ts';
import { accountApi } from '../api/account-api.ts';
import { usePreferences } from '../preferences/preferences-context.tsx';
import { ProofForm } from './proof-form.tsx';
import { QrCode } from './qr-code.tsx';

interface Props {
  readonly onEnrolled: (recoveryCodes: readonly string[]) => void;
  readonly onCancel?: () => void;
}

/** From the password by the QR code to the first code. */
export function TotpSetup({ onEnrolled, onCancel }: Props) {
  const { t } = usePreferences();
  const [begun, setBegun] = useState<TotpBegun | null>(null);
  const cancel = onCancel && { onCancel };

  if (begun === null) {
    return (
      <ProofForm
        key="begin"
        testId="totp-begin"
        asks={['password']}
        words={t('account.setUp')}
        onSubmit={async ({ password }) => setBegun(await accountApi.beginTotp(password))}
        {...cancel}
      />
    );
  }
  return (
    <div class="account-step">
      <p>{t('account.scan')}</p>
      <QrCode text={begun.uri} label={t('account.qr')} />
      <p class="quiet">
        {t('account.typeKey')}{' '}
        <code data-testid="totp-secret">{begun.secret.match(/.{4}/g)?.join(' ')}</code>
      </p>
      <ProofForm
        key="confirm"
        testId="totp-confirm"
        asks={['code']}
        codeWords={t('account.firstCode')}
        words={t('account.confirm')}
        onSubmit={async ({ code }) => onEnrolled(await accountApi.confirmTotp(code))}
        {...cancel}
      />
    </div>
  );
}
