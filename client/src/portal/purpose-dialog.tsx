import { useState } from 'preact/hooks';
import type { MachineView } from '../../../server/contract/index.ts';
import { Modal } from '../console/modal.tsx';
import { usePreferences } from '../preferences/preferences-context.tsx';

interface Props {
  readonly open: boolean;
  readonly machine: MachineView;
  /** Called from the form's own event, so that a tab may be opened. */
  readonly onPurpose: (purpose: string) => void;
  readonly onDismiss: () => void;
}

/** Asks what a console is for, where it is not opened without. */
export function PurposeDialog({ open, machine, onPurpose, onDismiss }: Props) {
  const { t } = usePreferences();
  const [purpose, setPurpose] = useState('');
  const title = t('purpose.title', { machine: machine.name });
  return (
    <Modal class="dialog" open={open} label={title} onDismiss={onDismiss}>
      <form
        class="ask"
        data-testid="purpose-dialog"
        onSubmit={(event) => {
          event.preventDefault();
          onPurpose(purpose.trim());
        }}
      >
        <h2>{title}</h2>
        <label>
          <span>{t('purpose.label')}</span>
          <textarea
            data-testid="purpose"
            aria-describedby="purpose-hint"
            rows={3}
            maxLength={500}
            required
            value={purpose}
            onInput={(event) => setPurpose(event.currentTarget.value)}
          />
        </label>
        <p id="purpose-hint" class="quiet">
          {t('purpose.hint')} {machine.requires.approval && t('purpose.approval')}
        </p>
        <div class="actions">
          <button type="button" onClick={onDismiss}>
            {t('purpose.cancel')}
          </button>
          <button
            type="submit"
            class="primary"
            data-testid="purpose-open"
            disabled={purpose.trim() === ''}
          >
            {t('purpose.open')}
          </button>
        </div>
      </form>
    </Modal>
  );
}
