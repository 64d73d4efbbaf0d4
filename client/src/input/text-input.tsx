import { X } from 'lucide-preact';
import type { RefObject } from 'preact';
import { useEffect } from 'preact/hooks';
import { usePreferences } from '../preferences/preferences-context.tsx';
import { KEYSYM, keysymsOf } from './keysym.ts';
import type { Modifier } from './sticky.ts';
import { FILLER, keysymOfNamedKey, strokesOfInput } from './typed-text.ts';
import { type SendKey, useSticky } from './use-sticky.ts';

const STICKY: readonly { label: string; modifier: Modifier }[] = [
  { label: 'Ctrl', modifier: 'control' },
  { label: 'Alt', modifier: 'alt' },
];
const KEYS = [
  { label: 'Esc', keysym: KEYSYM.escape },
  { label: 'Tab', keysym: KEYSYM.tab },
  { label: '←', name: 'Left', keysym: KEYSYM.left },
  { label: '↑', name: 'Up', keysym: KEYSYM.up },
  { label: '↓', name: 'Down', keysym: KEYSYM.down },
  { label: '→', name: 'Right', keysym: KEYSYM.right },
];

interface Props {
  readonly field: RefObject<HTMLTextAreaElement>;
  readonly sendKey: SendKey;
  readonly onDismiss: () => void;
}

/** A field whose text goes to the machine as it is written: any alphabet, IME or phone keyboard. */
export function TextInput({ field, sendKey, onDismiss }: Props) {
  const { t } = usePreferences();
  const sticky = useSticky(sendKey);
  const clear = () => {
    if (field.current) field.current.value = FILLER;
    field.current?.setSelectionRange(FILLER.length, FILLER.length);
  };
  const type = (keysyms: readonly number[]) => keysyms.forEach((keysym) => sticky.stroke(keysym));
  useEffect(clear, []);

  // A button must not take the focus: a phone's keyboard would go away.
  const keepFocus = (event: Event) => event.preventDefault();
  return (
    <section class="dock text-input" data-testid="text-input" aria-label={t('text.label')}>
      <textarea
        ref={field}
        rows={1}
        aria-label={t('text.label')}
        autocomplete="off"
        autocapitalize="off"
        spellcheck={false}
        onInput={(event) => {
          if (event.isComposing) return;
          type(strokesOfInput(event.inputType, event.currentTarget.value));
          clear();
        }}
        onCompositionEnd={(event) => {
          type(keysymsOf(event.data));
          clear();
        }}
        onKeyDown={(event) => {
          const keysym = event.isComposing ? null : keysymOfNamedKey(event.key);
          if (keysym === null) return;
          event.preventDefault();
          sticky.stroke(keysym);
        }}
      />
      <div class="text-keys">
        {STICKY.map(({ label, modifier }) => (
          <button
            key={label}
            type="button"
            class="osk-key"
            data-held={sticky.held[modifier]}
            aria-pressed={sticky.held[modifier] !== undefined}
            onPointerDown={keepFocus}
            onClick={() => sticky.tap(modifier)}
          >
            {label}
          </button>
        ))}
        {KEYS.map(({ label, name, keysym }) => (
          <button
            key={label}
            type="button"
            class="osk-key"
            aria-label={name}
            onPointerDown={keepFocus}
            onClick={() => sticky.stroke(keysym)}
          >
            {label}
          </button>
        ))}
      </div>
      <button
        type="button"
        class="bar-icon"
        title={t('text.dismiss')}
        aria-label={t('text.dismiss')}
        onClick={onDismiss}
      >
        <X aria-hidden="true" />
      </button>
    </section>
  );
}
