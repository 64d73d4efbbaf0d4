import { Modal } from '../console/modal.tsx';
import { usePreferences } from '../preferences/preferences-context.tsx';

interface Props {
  readonly open: boolean;
  readonly title: string;
  /** What it does, so that nobody is surprised. */
  readonly text: string;
  readonly confirm: string;
  readonly onConfirm: () => void;
  readonly onDismiss: () => void;
}

/** Asks before something that may hurt; above the dialog that it comes from, which has the focus back. */
export function Question({ open, title, text, confirm, onConfirm, onDismiss }: Props) {
  const { t } = usePreferences();
  return (
    <Modal class="dialog" testId="question" open={open} label={title} onDismiss={onDismiss}>
      <div class="ask">
        <h2>{title}</h2>
        <p>{text}</p>
        <div class="actions">
          <button type="button" data-testid="question-dismiss" onClick={onDismiss}>
            {t('purpose.cancel')}
          </button>
          <button
            type="button"
            class="danger"
            data-testid="question-confirm"
            onClick={() => {
              onDismiss();
              onConfirm();
            }}
          >
            {confirm}
          </button>
        </div>
      </div>
    </Modal>
  );
}
