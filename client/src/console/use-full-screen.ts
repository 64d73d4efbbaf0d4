import { useCallback, useEffect, useState } from 'preact/hooks';

/** Chromium's Keyboard Lock API, not in TypeScript's DOM library. */
interface LockingNavigator {
  readonly keyboard?: { lock(): Promise<void>; unlock(): void };
}

/** Full screen of the whole page. Where the browser can, Alt-Tab, Win and Esc then reach the machine. */
export function useFullScreen() {
  const [on, setOn] = useState(document.fullscreenElement !== null);
  useEffect(() => {
    const changed = () => setOn(document.fullscreenElement !== null);
    document.addEventListener('fullscreenchange', changed);
    return () => document.removeEventListener('fullscreenchange', changed);
  }, []);
  const toggle = useCallback(() => {
    const { keyboard } = navigator as LockingNavigator;
    if (document.fullscreenElement !== null) {
      keyboard?.unlock();
      void document.exitFullscreen();
    } else {
      document.documentElement
        .requestFullscreen({ navigationUI: 'hide' })
        .then(() => keyboard?.lock())
        .catch(() => undefined);
    }
  }, []);
  return { possible: document.fullscreenEnabled, on, toggle };
}
