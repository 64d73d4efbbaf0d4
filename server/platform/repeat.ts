/**
 * Runs a task again and again, `intervalMs` after it last ended, never twice at a time.
 *
 * @returns how to stop; resolves when a run under way has ended.
 */
export function repeat(intervalMs: number, task: () => Promise<void>): () => Promise<void> {
  let stopped = false;
  let timer: NodeJS.Timeout;
  let running = Promise.resolve();
  const schedule = (): void => {
    timer = setTimeout(() => {
      running = task().finally(() => {
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
