import { useState } from 'preact/hooks';
import { type FaultCode, faultOf } from '../api/fault-code.ts';
import { usePreferences } from '../preferences/preferences-context.tsx';
import type { ConsoleSession } from './console-session.ts';
import { Fault } from './fault.tsx';
import { Modal } from './modal.tsx';
import type { Page } from './page-state.ts';

interface Props {
  readonly open: boolean;
  readonly page: Page;
  readonly session: ConsoleSession;
  readonly onDismiss: () => void;
}

/** Asks before the console is ended for everyone. */
export function CloseDialog({ open, page, session, onDismiss }: Props) {
  const { t } = usePreferences();
  const [busy, setBusy] = useState(false);
  const [fault, setFault] = useState<FaultCode | null>(null);
  const close = async () => {
    setBusy(true);
    setFault(null);
    try {
      await session.close();
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
      <p>{t('close.text', { machine: page.console?.machineName ?? '' })}</p>
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
