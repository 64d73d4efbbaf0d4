import { type RefObject } from 'preact';
import { useCallback, useEffect, useLayoutEffect, useMemo, useRef } from 'preact/hooks';
import type { Display } from '../display/display.ts';
import { Keyboard } from '../input/keyboard.ts';
import { Pointer } from '../input/pointer.ts';
import { usePreferences } from '../preferences/preferences-context.tsx';

export interface Input {
  readonly releaseKeys: () => void;
  /** Listens to mouse and fingers on the display's stage. */
  readonly attach: (stage: HTMLElement) => void;
}

interface Options {
  readonly display: Display;
  readonly screen: RefObject<HTMLElement>;
  /** Whether the machine takes input now. */
  readonly active: boolean;
  readonly toggleMenu: () => void;
}

/** Leads keyboard, mouse and fingers to the display while the machine takes input. */
export function useInput({ display, screen, active, toggleMenu }: Options): Input {
  const { touchMode } = usePreferences().preferences;
  const keyboard = useRef<Keyboard | null>(null);
  const pointer = useRef<Pointer | null>(null);
  const isActive = useRef(active);

  useEffect(() => {
    const captured = () =>
      isActive.current &&
      (document.activeElement === screen.current || document.activeElement === document.body);
    const listener = {
      key: (pressed: boolean, keysym: number) => display.sendKey(pressed, keysym),
      menu: toggleMenu,
    };
    keyboard.current = new Keyboard(listener, captured);
    return () => keyboard.current?.dispose();
  }, [display, screen, toggleMenu]);

  // Before anybody can see that the machine takes input, or that it does not: no key falls between.
  useLayoutEffect(() => {
    isActive.current = active;
    keyboard.current?.refresh();
  }, [active]);

  useEffect(() => {
    if (pointer.current) pointer.current.touchMode = touchMode;
  }, [touchMode]);

  const attach = useCallback(
    (stage: HTMLElement) => {
      const created = new Pointer(stage, {
        pointer: (state) => (isActive.current ? display.sendPointer(state) : state),
        touched: (touch) => display.drawCursor(touch),
      });
      created.touchMode = touchMode;
      pointer.current = created;
      display.listen({ cursor: (picture, x, y) => created.setCursor(picture, x, y) });
    },
    [display],
  );
  const releaseKeys = useCallback(() => keyboard.current?.release(), []);
  return useMemo(() => ({ releaseKeys, attach }), [releaseKeys, attach]);
}
