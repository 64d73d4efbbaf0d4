import { useCallback, useEffect, useRef } from 'preact/hooks';

/**
 * The gateway asks the provider 1, 5 and 15 s after a switch, and each minute anyhow: a system that was
 * asked to shut down takes its time, and one that starts again is off in between. ms after the switch.
 */
const LOOKS_MS = [2000, 6000, 16_000, 40_000, 80_000];

/**
 * Begins to look at a machine that was told something, so that it is not shown as it was before.
 *
 * @param look and `onSeen` must stay the same functions.
 */
export function useFollow<T>(
  look: (signal: AbortSignal) => Promise<T>,
  onSeen: (seen: T) => void,
): () => void {
  const looks = useRef<AbortController | null>(null);
  useEffect(() => () => looks.current?.abort(), []);
  return useCallback(() => {
    looks.current?.abort();
    const { signal } = (looks.current = new AbortController());
    for (const ms of LOOKS_MS) {
      const timer = setTimeout(() => {
        // One that fails changes nothing: the next one, and the page's other calls, say what is wrong.
        look(signal).then(
          (seen) => !signal.aborted && onSeen(seen),
          () => undefined,
        );
      }, ms);
      signal.addEventListener('abort', () => clearTimeout(timer));
    }
  }, [look, onSeen]);
}
