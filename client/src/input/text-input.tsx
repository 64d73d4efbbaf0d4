import { X } from 'lucide-preact';
import type { RefObject } from 'preact';
import { useEffect } from 'preact/hooks';
import { usePreferences } from '../preferences/preferences-context.tsx';
import type { KeyFace } from '../i18n/key-names.ts';
import { KEYSYM, keysymsOf } from './keysym.ts';
import type { Modifier } from './sticky.ts';
import { FILLER, keysymOfNamedKey, strokesOfInput } from './typed-text.ts';
import { type SendKey, useSticky } from './use-sticky.ts';

const STICKY: readonly { face: KeyFace; modifier: Modifier }[] = [
  { face: 'ctrl', modifier: 'control' },
  { face: 'alt', modifier: 'alt' },
];
const NAMED: readonly { face: KeyFace; keysym: number }[] = [
  { face: 'esc', keysym: KEYSYM.escape },
  { face: 'tab', keysym: KEYSYM.tab },
];
const ARROWS = [
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
  const { t, keys } = usePreferences();
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
        {STICKY.map(({ face, modifier }) => (
          <button
            key={face}
            type="button"
            class="osk-key"
            data-held={sticky.held[modifier]}
            aria-pressed={sticky.held[modifier] !== undefined}
            onPointerDown={keepFocus}
            onClick={() => sticky.tap(modifier)}
          >
            {keys([face])}
          </button>
        ))}
        {NAMED.map(({ face, keysym }) => (
          <button
            key={face}
            type="button"
            class="osk-key"
            onPointerDown={keepFocus}
            onClick={() => sticky.stroke(keysym)}
          >
            {keys([face])}
          </button>
        ))}
        {ARROWS.map(({ label, name, keysym }) => (
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
