import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'mocha';
import { AuditStream, type NumberedEntry } from '../../server/audit/audit-stream.ts';
import { dated } from '../../server/audit/dated-entry.ts';
import { EntryQueue } from '../../server/audit/entry-queue.ts';
import { LineWriter } from '../../server/audit/line-writer.ts';
import { createLogger } from '../../server/log.ts';
import { cleanUp } from '../support/dispose.ts';
import { connectRedis, startRedis } from '../support/redis.ts';
import { until } from '../support/until.ts';

const entry = (detail: string) =>
  dated(
    {
      ...{ action: 'login', who: null, via: 'session', from: null },
      ...{ machine: null, console: null, result: 'ok', detail },
    },
    0,
  );

describe('audit entries that have to wait', () => {
  const each = cleanUp('each');
  let log = '';
  const logger = createLogger('info', { write: (line: string) => void (log += line) });
  beforeEach(() => {
    log = '';
  });

  it('are appended once and in order, also when Redis’s answer was lost', async () => {
    const server = await each.start(startRedis());
    const redis = await each.start(connectRedis(server.url, logger));
    const stream = new AuditStream(redis, 1000);
    let lost = 0;
    const queue = new EntryQueue({
      append: async (batch) => {
        const ids = await stream.append(batch);
        if (lost++ === 0) throw new Error('the answer is lost');
        return ids;
      },
      tell: () => undefined,
      log: logger,
    });
    const details = Array.from({ length: 250 }, (_, index) => String(index));
    for (const detail of details) queue.push(entry(detail));
    await queue.stop(5000);
    const query = { limit: 200 } as const;
    const newest = await stream.page(query);
    const { items, next } = await stream.page({ ...query, cursor: newest.next ?? '' });
    const found = [...newest.items, ...items].map(({ detail }) => detail);
    assert.deepEqual([found.toReversed(), next], [details, null]);
  });

  it('are dropped beyond a bound, told as lines all the same, and counted in the log', async () => {
    let away = true;
    const kept: string[] = [];
    const told: string[] = [];
    const queue = new EntryQueue({
      append: async (batch: readonly NumberedEntry[]) => {
        if (away) throw new Error('away');
        kept.push(...batch.map((one) => one.entry.detail ?? ''));
        return batch.map(({ number }) => `${number}-0`);
      },
      tell: ({ detail }) => told.push(detail ?? ''),
      log: logger,
      most: 3,
    });
    for (const detail of ['1', '2', '3', '4', '5']) queue.push(entry(detail));
    await until(() => told.length === 5, { timeout: 2000, what: 'five lines' });
    away = false;
    await until(() => log.includes('some are lost'), { timeout: 3000, what: 'the log' });
    assert.deepEqual(
      [kept, told.toSorted((a, b) => a.localeCompare(b))],
      [
        ['1', '2', '3'],
        ['1', '2', '3', '4', '5'],
      ],
    );
    assert.match(log, /"dropped":2/);
    queue.push(entry('6'));
    await queue.stop(1000);
    assert.equal(kept.at(-1), '6');
  });

  it('are given up when the time of a stop is over, which is said', async () => {
    const queue = new EntryQueue({
      append: () => Promise.reject(new Error('away')),
      tell: () => undefined,
      log: logger,
    });
    queue.push(entry('1'));
    const began = Date.now();
    await queue.stop(600);
    assert.ok(Date.now() - began < 2000);
    assert.match(log, /"lost":1,"msg":"audit entries did not reach redis"/);
  });

  it('are whole lines, also after a disk was full in the middle of one', async () => {
    let disk = '';
    let room = 5;
    const writer = new LineWriter(
      {
        prepare: async () => false,
        write: async (bytes) => {
          const taken = Buffer.from(bytes).subarray(0, room);
          if (taken.length === 0) {
            room = Infinity;
            throw new Error('no space left');
          }
          room -= taken.length;
          disk += taken.toString();
          return taken.length;
        },
        close: async () => undefined,
      },
      logger,
    );
    writer.write('{"a":1}');
    writer.write('{"b":2}');
    await until(() => disk.includes('"b":2}\n'), { timeout: 3000, what: 'both lines' });
    await writer.stop(1000);
    assert.equal(disk, '{"a":\n{"a":1}\n{"b":2}\n');
    assert.match(log, /audit lines cannot be written.*\n.*audit lines are written again/);
  });
});
