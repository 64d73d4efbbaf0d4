import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { setImmediate as turn } from 'node:timers/promises';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { describe, it } from 'mocha';
import { z } from 'zod';
import { everyPage } from '../../server/providers/every-page.ts';
import { machineList } from '../../server/providers/machine-list.ts';
import { mapInTurns } from '../../server/providers/map-in-turns.ts';
import { RemoteHttp } from '../../server/providers/remote-http.ts';
import { cleanUp } from '../support/dispose.ts';

const SIZE = 50;

/** A remote of so many entries, and which of its pages were read. */
function remote(count: number, next = (page: number): number | null => page + 1) {
  const pages: number[] = [];
  const list = (size = SIZE) =>
    everyPage<number>({
      ...{ name: 'it', first: 1, idOf: (entry: number) => entry },
      read: async (page) => {
        pages.push(page);
        const from = (page - 1) * size;
        const length = Math.max(0, Math.min(size, count - from));
        const entries = Array.from({ length }, (_, at) => from + at);
        return { entries, count: length, next: from + length < count ? next(page) : null };
      },
    });
  return { pages, list };
}

describe('a list that a remote gives', () => {
  const each = cleanUp('each');

  it('is read page by page to its end', async () => {
    const { pages, list } = remote(120);
    assert.equal((await list()).length, 120);
    assert.deepEqual(pages, [1, 2, 3]);
  });

  it('ends with a page that brings nothing new, as of a remote that does not page', async () => {
    let reads = 0;
    const found = await everyPage({
      ...{ name: 'it', first: 1, idOf: (entry: string) => entry },
      read: async (page) => {
        reads += 1;
        return { entries: ['a', 'b'], count: 2, next: page + 1 };
      },
    });
    assert.deepEqual([found, reads], [['a', 'b'], 2]);
  });

  it('goes on behind a page of which nothing could be read', async () => {
    const found = await everyPage({
      ...{ name: 'it', first: 0, idOf: (entry: string) => entry },
      read: async (page) =>
        page === 0 ? { entries: [], count: 25, next: 1 } : { entries: ['a'], count: 1, next: null },
    });
    assert.deepEqual(found, ['a']);
  });

  it('is refused where the next page leads back, or to itself', async () => {
    for (const back of [(page: number) => page, () => 1, () => -5]) {
      const { pages, list } = remote(1000, back);
      await assert.rejects(list(), {
        status: 'provider_unavailable',
        message: 'it answers with a list of machines that has no end',
      });
      assert.equal(pages.length, 1);
    }
  });

  it('is refused with more than 50 000 machines, and no further page is read', async () => {
    assert.equal((await remote(50_000).list()).length, 50_000);
    const { pages, list } = remote(Infinity);
    await assert.rejects(list(), {
      status: 'provider_unavailable',
      message: 'it answers with more than 50000 machines',
    });
    assert.equal(pages.length, 1001);
  });

  it('is refused where it comes in endlessly many small pages', async () => {
    const { pages, list } = remote(Infinity);
    await assert.rejects(list(1), { message: /has no end/ });
    assert.equal(pages.length, 2000);
  });

  it('is counted before any of its machines is looked at', () => {
    let looked = 0;
    const entry = z.unknown().transform(() => (looked += 1));
    const { error } = machineList(entry).safeParse(Array.from({ length: 50_001 }, () => ({})));
    assert.equal(error?.issues[0]?.message, 'more than 50000 machines');
    assert.equal(looked, 0);
  });

  it('has its bytes counted over all of its answers', async () => {
    const server = createServer((_request, response) => void response.end('x'.repeat(600)));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    each.add(() => void server.close());
    const { port } = server.address() as AddressInfo;
    const http = new RemoteHttp({ name: 'it', base: new URL(`http://127.0.0.1:${port}`) });
    each.add(() => http.close());
    const budget = { left: 1000 };
    assert.equal((await http.call('/', { budget })).text.length, 600);
    await assert.rejects(http.call('/', { budget }), {
      status: 'provider_unavailable',
      message: 'it answers with more bytes than a list of machines has',
    });
  });

  it('leaves others their turn while it is mapped', async () => {
    let turns = 0;
    let mapped = false;
    const others = (async () => {
      for (; !mapped; turns += 1) await turn();
    })();
    const slow = (item: number): number => {
      const began = performance.now();
      while (performance.now() - began < 2);
      return item * 2;
    };
    const items = Array.from({ length: 100 }, (_, at) => at);
    assert.deepEqual(
      await mapInTurns(items, slow),
      items.map((item) => item * 2),
    );
    mapped = true;
    await others;
    assert.ok(turns >= 10, `${turns} turns`);
  });
});
