import assert from 'node:assert/strict';
import { before, describe, it } from 'mocha';
import { cleanUp } from '../support/dispose.ts';
import { TestGateway } from '../support/gateway.ts';
import { logBook } from '../support/log-book.ts';
import { startRedis } from '../support/redis.ts';
import type { ServerProcess } from '../support/server-process.ts';

describe('a gateway whose disk images are at a loopback address', () => {
  const suite = cleanUp();
  let redis: ServerProcess & { readonly url: string };

  before(async () => {
    redis = await suite.start(startRedis());
  });

  /** What it logs until it has started, with a BMC that nobody asks. */
  async function logOf(images: object): Promise<string> {
    const from = logBook.text.length;
    const alone = { redfish: false, ipmi: { enabled: false }, kvm: { driver: 'browser' } };
    const host = { id: 'page', address: '127.0.0.1', username: 'u', password: 'not-tried' };
    const providers = [{ id: 'metal', type: 'bmc', hosts: [{ ...host, ...alone }] }];
    const guacd = { host: '127.0.0.1', port: 1 };
    const config = { providers, images: { path: '/srv', ...images } };
    await suite.start(TestGateway.start({ redis, guacd, machines: [], config }));
    return logBook.text.slice(from);
  }

  it('warns that BMCs are led to themselves, and not where they find it', async () => {
    const words = /BMCs are told to fetch disk images from themselves: set images\.url/;
    assert.match(await logOf({}), words);
    assert.doesNotMatch(await logOf({ url: 'http://192.0.2.1:8080' }), words);
  });
});
