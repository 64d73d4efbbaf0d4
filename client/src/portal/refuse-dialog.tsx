import type { ConsoleView } from '../../../server/contract/index.ts';
import { portalApi } from '../api/gateway-api.ts';
import { Fault } from '../console/fault.tsx';
import { Modal } from '../console/modal.tsx';
import { usePreferences } from '../preferences/preferences-context.tsx';
import { useAct } from './use-act.ts';

interface Props {
  /** Null while there is none to refuse. */
  readonly console: ConsoleView | null;
  readonly onDismiss: () => void;
}

/** Asks why, before a console is refused to somebody who waits for it. */
export function RefuseDialog({ console, onDismiss }: Props) {
  const { t } = usePreferences();
  const { busy, fault, run } = useAct(() => undefined);
  const title = t('portal.refuseTitle', { machine: console?.machineName ?? '' });
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    const typed = new FormData(event.currentTarget as HTMLFormElement).get('detail');
    const detail = typeof typed === 'string' ? typed.trim() : '';
    if (console === null) return;
    run(() => portalApi.refuse(console.id, detail === '' ? null : detail).then(onDismiss));
  };
  return (
    <Modal class="dialog" open={console !== null} label={title} onDismiss={onDismiss}>
      <form class="ask" data-testid="refuse-dialog" onSubmit={submit}>
        <h2>{title}</h2>
        <label>
          <span>{t('portal.refuseDetail', { user: console?.user ?? '' })}</span>
          <textarea name="detail" data-testid="refuse-detail" rows={3} maxLength={500} />
        </label>
        <div role="alert">{fault && <Fault code={fault} />}</div>
        <div class="actions">
          <button type="button" onClick={onDismiss}>
            {t('purpose.cancel')}
          </button>
          <button type="submit" class="danger" data-testid="refuse-confirm" disabled={busy}>
            {t('portal.refuseConfirm')}
          </button>
        </div>
      </form>
    </Modal>
  );
}
