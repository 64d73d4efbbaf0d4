import { useCallback, useEffect, useState } from 'preact/hooks';
import type { TotpStatus } from '../../../server/contract/index.ts';
import { type FaultCode, faultOf } from '../api/fault-code.ts';
import { accountApi } from '../api/account-api.ts';
import { Fault } from '../console/fault.tsx';
import { usePreferences } from '../preferences/preferences-context.tsx';
import { ProofForm } from './proof-form.tsx';
import { RecoveryCodes } from './recovery-codes.tsx';
import { TotpSetup } from './totp-setup.tsx';

/** What the person is about to do; `codes` are shown once. */
type Step = 'look' | 'set up' | 'renew' | 'remove' | { readonly codes: readonly string[] };

/** `onChanged` is called when the second factor is there, or gone. */
export function TotpSection({ onChanged }: { onChanged: () => void }) {
  const { t, time } = usePreferences();
  const [status, setStatus] = useState<TotpStatus | null>(null);
  const [fault, setFault] = useState<FaultCode | null>(null);
  const [step, setStep] = useState<Step>('look');

  const load = useCallback(() => {
    accountApi.totp().then(setStatus, (error: unknown) => setFault(faultOf(error)));
  }, []);
  useEffect(load, [load]);

  const done = () => {
    setStep('look');
    load();
    onChanged();
  };
  const back = { onCancel: () => setStep('look') };

  return (
    <section class="account-section" data-testid="totp" data-active={status?.active}>
      <h2>{t('account.totp')}</h2>
      {fault && <Fault code={fault} />}
      {status !== null && typeof step !== 'object' && <p class="quiet">{wordsOf(status)}</p>}
      {status !== null && !status.active && status.required && typeof step !== 'object' && (
        <p class="account-wanted">{t('account.totpRequired')}</p>
      )}
      {step === 'look' && status?.active === false && status.available && (
        <div class="actions">
          <button
            type="button"
            class="primary"
            data-testid="set-up"
            onClick={() => setStep('set up')}
          >
            {t('account.setUp')}
          </button>
        </div>
      )}
      {step === 'look' && status?.active === true && (
        <div class="actions">
          <button type="button" data-testid="renew-codes" onClick={() => setStep('renew')}>
            {t('account.newCodes')}
          </button>
          <button
            type="button"
            class="danger"
            data-testid="remove-totp"
            onClick={() => setStep('remove')}
          >
            {t('account.remove')}
          </button>
        </div>
      )}
      {step === 'set up' && <TotpSetup onEnrolled={(codes) => setStep({ codes })} {...back} />}
      {step === 'renew' && (
        <ProofForm
          testId="renew-form"
          asks={['password', 'code']}
          words={t('account.newCodes')}
          onSubmit={async (proof) => setStep({ codes: await accountApi.renewCodes(proof) })}
          {...back}
        />
      )}
      {step === 'remove' && (
        <ProofForm
          testId="remove-form"
          asks={['password', 'code']}
          words={t('account.remove')}
          danger
          onSubmit={async (proof) => {
            await accountApi.removeTotp(proof);
            done();
          }}
          {...back}
        />
      )}
      {typeof step === 'object' && <RecoveryCodes codes={step.codes} onKept={done} />}
    </section>
  );

  function wordsOf({ active, available, since, recoveryCodesLeft: count }: TotpStatus): string {
    if (!active) return t(available ? 'account.totpOff' : 'account.totpElsewhere');
    const on = t('account.totpOn', { time: since === null ? '' : time(new Date(since)) });
    return `${on} ${t('account.codesLeft', { count })}`;
  }
}
