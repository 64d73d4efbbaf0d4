/**
 * Runs a task again and again, `intervalMs` after it last ended, never twice at a time. A run that
 * fails (Redis is away) is followed by the next one; what is to be said of it says whoever failed.
 *
 * @returns how to stop; resolves when a run under way has ended.
 */
export function repeat(intervalMs: number, task: () => Promise<void>): () => Promise<void> {
  let stopped = false;
  let timer: NodeJS.Timeout;
  let running = Promise.resolve();
  const schedule = (): void => {
    timer = setTimeout(() => {
      running = task()
        .catch(() => undefined)
        .then(() => {
          if (!stopped) schedule();
        });
    }, intervalMs);
  };
  schedule();
  return async () => {
    stopped = true;
    clearTimeout(timer);
    await running;
  };
}
