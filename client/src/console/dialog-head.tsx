import { X } from 'lucide-preact';

interface Props {
  readonly class: 'menu-head' | 'dialog-head';
  readonly title: string;
  /** What the button on its right says and does. */
  readonly dismiss: string;
  readonly testId: string;
  readonly onDismiss: () => void;
}

/** The head of a dialog that is left by a button in its corner. */
export function DialogHead({ class: name, title, dismiss, testId, onDismiss }: Props) {
  return (
    <header class={name}>
      <h2>{title}</h2>
      <button
        type="button"
        class="bar-icon"
        data-testid={testId}
        title={dismiss}
        aria-label={dismiss}
        onClick={onDismiss}
      >
        <X aria-hidden="true" />
      </button>
    </header>
  );
}
