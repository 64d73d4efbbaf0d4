import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { GatewayError } from '../../server/errors.ts';
import { Board } from '../../server/kvm/java/board.ts';
import { Secret } from '../../server/secret.ts';
import { BmcSite, type SiteAnswer } from '../simulators/bmc-pages/bmc-site.ts';
import { cleanUp } from '../support/dispose.ts';
import { javaOf } from './support/java.ts';

const MIB = 1024 * 1024;

describe('a board that gives a Java console more than any has', function () {
  this.timeout(60_000);
  const each = cleanUp('each');

  const start = async (answer: (path: string) => SiteAnswer | Promise<SiteAnswer>) => {
    const pages = () => ({
      mayConnect: () => false,
      answer: ({ path }: { path: string }) => answer(path),
    });
    const site = await each.start(BmcSite.start(pages));
    const board = new Board({
      request: {
        ...{ name: 'rack: u12', vendor: 'java', url: new URL(site.url) },
        credentials: { username: site.username, password: new Secret(site.password) },
        trust: { fingerprint: site.fingerprint },
        onStep: () => undefined,
        onFault: () => undefined,
        signal: new AbortController().signal,
      },
      java: javaOf('ami'),
      loginMs: 20_000,
      signal: new AbortController().signal,
    });
    each.add(() => board.close());
    return board;
  };
  const isBigger = (what: RegExp) => ({ status: 'kvm_page_changed', message: what });

  it('says so of its JNLP file and of its page after a sign-in', async () => {
    const board = await start((path) => ({
      body: 'a'.repeat((path.startsWith('/rpc') ? 2 : 1) * MIB),
    }));
    await assert.rejects(board.jnlp(), isBigger(/^rack: u12: the BMC's JNLP file is bigger/));
    await assert.rejects(board.login(), isBigger(/page after a sign-in is bigger/));
  });

  it('keeps nobody waiting while its page is looked through for a cookie', async () => {
    const board = await start(() => ({ body: 'session'.repeat(36_000) }));
    const begun = performance.now();
    await assert.rejects(board.login(), { status: 'provider_refused' });
    assert.ok(performance.now() - begun < 10_000);
  });

  it('gives two archives at a time, and 128 MiB in all', async () => {
    let now = 0;
    let most = 0;
    const body = Buffer.alloc(30 * MIB);
    const board = await start(async () => {
      now += 1;
      most = Math.max(most, now);
      await new Promise((resolve) => setImmediate(resolve));
      now -= 1;
      return { body };
    });
    const asked = [1, 2, 3, 4, 5].map((number) => board.archive(`/${number}.jar`));
    const ended = await Promise.allSettled(asked);
    const refused = ended.flatMap((end) =>
      end.status === 'rejected' ? [end.reason as unknown] : [],
    );
    // Two that come at the same time may both be the one too many.
    assert.ok(refused.length === 1 || refused.length === 2, `${refused.length} are refused`);
    for (const reason of refused) {
      assert.ok(reason instanceof GatewayError);
      assert.equal(reason.status, 'kvm_page_changed');
      assert.match(reason.message, /Java console is bigger than any is/);
    }
    assert.ok(most <= 2, `${most} at a time`);
  });
});
