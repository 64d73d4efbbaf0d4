import { setImmediate } from 'node:timers/promises';

/** For how long nothing else gets its turn. ms */
const TURN_MS = 15;

/** As `map` does it; others' sockets and timers get their turn in between, however many there are. */
export async function mapInTurns<T, R>(items: readonly T[], map: (item: T) => R): Promise<R[]> {
  const mapped: R[] = [];
  let began = performance.now();
  for (const item of items) {
    mapped.push(map(item));
    if (performance.now() - began < TURN_MS) continue;
    await setImmediate();
    began = performance.now();
  }
  return mapped;
}
