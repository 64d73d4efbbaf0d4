/**
 * A Redis command that runs together with a change of a record, or not at all: an append to a
 * stream, an entry of a queue, news for every replica.
 */
export type Effect = readonly [command: string, key: string, ...args: string[]];
