import { useState } from 'preact/hooks';
import { type FaultCode, faultOf } from '../api/fault-code.ts';
import { usePreferences } from '../preferences/preferences-context.tsx';
import { Fault } from './fault.tsx';
import { Modal } from './modal.tsx';

interface Props {
  readonly open: boolean;
  readonly machine: string;
  /** Closes it; rejects where the gateway did not. */
  readonly close: () => Promise<void>;
  readonly onDismiss: () => void;
}

/** Asks before the console is ended for everyone. */
export function CloseDialog({ open, machine, close: end, onDismiss }: Props) {
  const { t } = usePreferences();
  const [busy, setBusy] = useState(false);
  const [fault, setFault] = useState<FaultCode | null>(null);
  const close = async () => {
    setBusy(true);
    setFault(null);
    try {
      await end();
      onDismiss();
    } catch (error) {
      setFault(faultOf(error));
    } finally {
      setBusy(false);
    }
  };
  return (
    <Modal class="dialog" open={open} label={t('close.title')} onDismiss={onDismiss}>
      <h2>{t('close.title')}</h2>
      <p>{t('close.text', { machine })}</p>
      {fault && <Fault code={fault} />}
      <div class="actions">
        <button type="button" onClick={onDismiss}>
          {t('close.cancel')}
        </button>
        <button
          type="button"
          class="danger"
          data-testid="close-confirm"
          disabled={busy}
          onClick={() => void close()}
        >
          {t('close.confirm')}
        </button>
      </div>
    </Modal>
  );
}
