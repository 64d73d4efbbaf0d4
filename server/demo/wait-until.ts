import { setTimeout as sleep } from 'node:timers/promises';
import type { RunningChild } from '../platform/child-process.ts';

export interface WaitOptions {
  /** How long to wait at most, in milliseconds. */
  timeout: number;
  /** What is awaited, for the error's sentence: "timed out after 5000 ms waiting for <what>". */
  what: string;
  /** Pause between two tries, in milliseconds. */
  every?: number;
  /** The process that is to bring the condition about: when it ends, waiting ends at once. */
  child?: RunningChild;
}

type Truthy<T> = Exclude<T, false | 0 | '' | null | undefined>;

/**
 * Asks `condition` again and again until it answers with something truthy, and gives that back.
 * A condition that throws counts as "not yet"; its last error becomes the cause of the time-out.
 * Rejects when the time is up or when `child` has ended, with the child's last output.
 */
export async function waitUntil<T>(
  condition: () => T | Promise<T>,
  { timeout, what, every = 20, child }: WaitOptions,
): Promise<Truthy<T>> {
  const deadline = performance.now() + timeout;
  let cause: unknown;
  let ended = false;
  void child?.exited.then(() => {
    ended = true;
  });
  for (;;) {
    try {
      const answer = await condition();
      if (answer) return answer as Truthy<T>;
      cause = undefined;
    } catch (error) {
      cause = error;
    }
    if (ended && child) {
      throw new Error(`process ended while waiting for ${what}: ${child.output().trim()}`);
    }
    if (performance.now() >= deadline) {
      const said = child ? `; the process said: ${child.output().trim()}` : '';
      throw new Error(`timed out after ${timeout} ms waiting for ${what}${said}`, { cause });
    }
    await sleep(every);
  }
}
