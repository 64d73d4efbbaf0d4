import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';
import { describe, it } from 'mocha';
import { holdEarlyRequests } from '../../server/composition/early-requests.ts';
import { closeServer, listenOn } from '../../server/composition/listen.ts';
import { cleanUp } from '../support/dispose.ts';

describe('requests that come while a gateway starts', () => {
  const each = cleanUp('each');

  it('are answered when it has started, as are all after them', async () => {
    const server = createServer();
    const answerBy = holdEarlyRequests(server);
    const url = await listenOn(server, { host: '127.0.0.1', port: 0 }, 'the test');
    each.add(() => closeServer(server));
    const come = once(server, 'request');
    const early = fetch(url, { method: 'POST', body: 'early' });
    await come;
    answerBy((request, response) => {
      void text(request).then((body) => response.end(`answered ${body}`));
    });
    assert.equal(await (await early).text(), 'answered early');
    const late = await fetch(url, { method: 'POST', body: 'late' });
    assert.equal(await late.text(), 'answered late');
  });
});
