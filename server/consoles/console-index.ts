import type { ConsoleRecord } from './console.ts';
import type { Effect } from './effect.ts';

/** Sorted sets of the ids of open consoles by their age: of all, and of those that a name is on. */
const OPEN = 'rackside:consoles:open';
const ON_NAME = 'rackside:consoles:on:';
/** What each has opened, by the last moment at which it can be open still. */
const OPENED_BY = 'rackside:consoles:opened-by:';

/** The set to look through: with a name, of consoles that were opened for them or on their machine. */
export function openKey(name?: string): string {
  return name === undefined ? OPEN : ON_NAME + name;
}

export function openedByKey({ openedBy }: Pick<ConsoleRecord, 'openedBy'>): string {
  return OPENED_BY + openedBy;
}

/** Puts a console that begins into all its sets. */
export function enlist(record: ConsoleRecord): Effect[] {
  const { id, createdAt, extendableUntil } = record;
  return [
    ...byAge(record).map((key): Effect => ['ZADD', key, String(createdAt), id]),
    ['ZADD', openedByKey(record), String(extendableUntil), id],
  ];
}

/** Takes a console that is over out of them. */
export function strike(record: ConsoleRecord): Effect[] {
  return [...byAge(record), openedByKey(record)].map((key): Effect => ['ZREM', key, record.id]);
}

function byAge({ user, owner }: ConsoleRecord): string[] {
  const names = owner === null ? [user] : [user, owner];
  return [OPEN, ...new Set(names.map((name) => ON_NAME + name))];
}
