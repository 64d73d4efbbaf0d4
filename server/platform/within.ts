/**
 * A signal that aborts when the given one does, or after so many ms with a `TimeoutError`.
 *
 * AbortSignal.any holds its sources weakly, and Node collects an AbortSignal.timeout of which nothing else
 * is left, so that it never aborts (nodejs/node#57736). One that is listened to is kept.
 */
export function within(ms: number, signal: AbortSignal): AbortSignal {
  const late = AbortSignal.timeout(ms);
  late.addEventListener('abort', () => undefined, { once: true });
  return AbortSignal.any([signal, late]);
}
