import type { ComponentChildren } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';

interface Props {
  readonly open: boolean;
  readonly label: string;
  readonly class: string;
  readonly testId?: string;
  readonly onDismiss: () => void;
  readonly children: ComponentChildren;
}

/** The browser's own modal dialog: it keeps the focus, and Esc or a click beside it dismisses it. */
export function Modal({ open, label, class: className, testId, onDismiss, children }: Props) {
  const dialog = useRef<HTMLDialogElement>(null);
  useLayoutEffect(() => {
    if (open) dialog.current?.showModal();
    else dialog.current?.close();
  }, [open]);
  return (
    <dialog
      ref={dialog}
      class={className}
      data-testid={testId}
      aria-label={label}
      onClose={() => {
        // Closed by the browser, with Esc. What we close ourselves is not wanted open, or is open again.
        if (open && !dialog.current?.open) onDismiss();
      }}
      onClick={(event) => {
        if (event.target === dialog.current) onDismiss();
      }}
    >
      <div class="dialog-body">{open && children}</div>
    </dialog>
  );
}
