import { useEffect } from 'preact/hooks';

/** Milliseconds between two looks while the page is seen. */
const EVERY = 10_000;

/** Looks now, again and again while the page is seen, and when it is seen anew. */
export function useLook(look: () => void): void {
  useEffect(() => {
    const seen = () => {
      if (document.visibilityState === 'visible') look();
    };
    seen();
    const timer = setInterval(seen, EVERY);
    document.addEventListener('visibilitychange', seen);
    return () => {
      clearInterval(timer);
      document.removeEventListener('visibilitychange', seen);
    };
  }, [look]);
}
