import { X } from 'lucide-preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { usePreferences } from '../preferences/preferences-context.tsx';
import type { OskKey, OskRow } from './osk-layout.ts';
import { US } from './osk-layout-us.ts';
import { type SendKey, useSticky } from './use-sticky.ts';

/** CSS pixels: below, a finger no longer hits the keys of the full keyboard. */
const FULL_WIDTH = 720;

interface Props {
  readonly sendKey: SendKey;
  readonly onDismiss: () => void;
}

export function OnScreenKeyboard({ sendKey, onDismiss }: Props) {
  const { t } = usePreferences();
  const sticky = useSticky(sendKey);
  const full = useWideEnough();
  const [page, setPage] = useState<'letters' | 'symbols'>('letters');
  const rows = full ? US.full : US.compact[page];
  const down = (key: OskKey) => {
    if (key.page) setPage(key.page);
    else if (key.modifier) sticky.tap(key.modifier);
    else sendKey(true, keysymOf(key));
  };
  const up = (key: OskKey) => {
    if (key.page || key.modifier) return;
    sendKey(false, keysymOf(key));
    sticky.afterKey();
  };
  const keysymOf = (key: OskKey) =>
    sticky.held.shift && key.shifted ? key.shifted.keysym : key.keysym;

  return (
    <section class="dock osk" data-testid="osk" aria-label={t('osk.label')} lang={US.language}>
      <button
        type="button"
        class="bar-icon dock-dismiss"
        title={t('osk.dismiss')}
        aria-label={t('osk.dismiss')}
        onClick={onDismiss}
      >
        <X aria-hidden="true" />
      </button>
      <div class="osk-rows" data-size={full ? 'full' : 'compact'}>
        {rows.map((row, index) => (
          <Row
            key={`${full} ${page} ${index}`}
            row={row}
            shifted={sticky.held.shift !== undefined}
            held={(key) => (key.modifier ? sticky.held[key.modifier] : undefined)}
            onDown={down}
            onUp={up}
          />
        ))}
      </div>
    </section>
  );
}

interface RowProps {
  readonly row: OskRow;
  readonly shifted: boolean;
  readonly held: (key: OskKey) => 'once' | 'locked' | undefined;
  readonly onDown: (key: OskKey) => void;
  readonly onUp: (key: OskKey) => void;
}

function Row({ row, shifted, held, onDown, onUp }: RowProps) {
  const pressed = useRef(new Map<number, OskKey>());
  const lift = (event: PointerEvent) => {
    const key = pressed.current.get(event.pointerId);
    pressed.current.delete(event.pointerId);
    if (key) onUp(key);
  };
  return (
    <div class="osk-row">
      {row.map((key) => {
        const face = shifted && key.shifted ? key.shifted.label : key.label;
        return (
          <button
            key={key.label}
            type="button"
            class="osk-key"
            style={{ flexGrow: key.width ?? 1 }}
            data-key={key.label}
            data-held={held(key)}
            aria-pressed={key.modifier ? held(key) !== undefined : undefined}
            aria-label={key.name}
            onPointerDown={(event) => {
              // The focus stays where the typing goes.
              event.preventDefault();
              event.currentTarget.setPointerCapture(event.pointerId);
              pressed.current.set(event.pointerId, key);
              onDown(key);
            }}
            onPointerUp={lift}
            onPointerCancel={lift}
            onClick={(event) => {
              // From a real keyboard or a screen reader: no pointer was involved.
              if (event.detail !== 0) return;
              onDown(key);
              onUp(key);
            }}
          >
            {face}
          </button>
        );
      })}
    </div>
  );
}

function useWideEnough(): boolean {
  const [wide, setWide] = useState(() => innerWidth >= FULL_WIDTH);
  useEffect(() => {
    const query = matchMedia(`(min-width: ${FULL_WIDTH}px)`);
    const changed = () => setWide(query.matches);
    query.addEventListener('change', changed);
    return () => query.removeEventListener('change', changed);
  }, []);
  return wide;
}
