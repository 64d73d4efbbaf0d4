import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { Display } from '../display/display.ts';

export interface Clipboard {
  /** The machine's clipboard as far as it is known, with what was written into the menu's field. */
  readonly text: string;
  readonly edit: (text: string) => void;
  /** Gives the machine what was edited, if it was. */
  readonly commit: () => void;
}

/**
 * The machine's clipboard. What is copied there goes to this computer's clipboard where the browser
 * lets a focused page write it; this computer's clipboard is never read here.
 */
export function useClipboard(display: Display): Clipboard {
  const [text, setText] = useState('');
  const edited = useRef<string | null>(null);
  useEffect(() => {
    display.listen({
      clipboard: (copied) => {
        edited.current = null;
        setText(copied);
        // Refused without a permission or a focus: the menu's field still has it.
        if (document.hasFocus()) navigator.clipboard?.writeText(copied).catch(() => undefined);
      },
    });
  }, [display]);
  return useMemo(
    () => ({
      text,
      edit: (next: string) => {
        edited.current = next;
        setText(next);
      },
      commit: () => {
        if (edited.current !== null) display.setClipboard(edited.current);
        edited.current = null;
      },
    }),
    [display, text],
  );
}
