import assert from 'node:assert/strict';
import { EndpointLeases } from '../../server/consoles/endpoint-leases.ts';
import { GatewayError } from '../../server/errors.ts';
import type { Endpoint } from '../../server/providers/provider.ts';
import { cleanUp } from '../support/dispose.ts';

const GRACE_MS = 30;

/** An endpoint that tells when it is released. */
function endpoint(): { endpoint: Endpoint; released: Promise<void>; isReleased: () => boolean } {
  let done = false;
  let settle: () => void = () => undefined;
  const released = new Promise<void>((resolve) => {
    settle = resolve;
  });
  return {
    endpoint: {
      protocol: 'vnc',
      host: 'h',
      port: 1,
      parameters: {},
      async release() {
        done = true;
        settle();
      },
    },
    released,
    isReleased: () => done,
  };
}

describe("a console's endpoint", () => {
  const parts = cleanUp('each');
  let now = 0;

  function make(graceMs = GRACE_MS): EndpointLeases {
    const leases = new EndpointLeases(graceMs, () => now);
    parts.add(() => leases.releaseAll());
    return leases;
  }

  it('is resolved once for all who ask at the same time', async () => {
    const leases = make();
    const one = endpoint();
    let calls = 0;
    const resolve = async (): Promise<Endpoint> => {
      calls += 1;
      return one.endpoint;
    };
    const both = await Promise.all([leases.acquire('c', resolve), leases.acquire('c', resolve)]);
    assert.deepEqual(both, [one.endpoint, one.endpoint]);
    assert.equal(calls, 1);
  });

  it('is resolved anew after a failure', async () => {
    const leases = make();
    const fault = new GatewayError('provider_unavailable', 'down');
    await assert.rejects(
      leases.acquire('c', () => Promise.reject(fault)),
      fault,
    );
    const two = endpoint();
    assert.equal(await leases.acquire('c', async () => two.endpoint), two.endpoint);
  });

  it('is released when nobody connects within the grace time', async () => {
    const one = endpoint();
    await make().acquire('c', async () => one.endpoint);
    await one.released;
  });

  it('is kept while any tunnel uses it, and released a grace time after the last', async () => {
    const leases = make();
    const used = endpoint();
    const unused = endpoint();
    await leases.acquire('used', async () => used.endpoint);
    leases.attach('used', 't1');
    leases.attach('used', 't2');
    leases.detach('used', 't1');
    // The other one's release shows that the grace time has passed.
    await leases.acquire('unused', async () => unused.endpoint);
    await unused.released;
    assert.equal(used.isReleased(), false);
    leases.detach('used', 't2');
    await used.released;
  });

  it('is followed by another when it lets nobody in any more, and both are released', async () => {
    const leases = make();
    const first = endpoint();
    const second = endpoint();
    await leases.acquire('c', async () => ({ ...first.endpoint, freshUntil: now + 100 }));
    leases.attach('c', 't1');
    now += 99;
    await leases.acquire('c', () => assert.fail('the first is still fresh'));
    now += 1;
    const fault = new GatewayError('provider_unavailable', 'down');
    await assert.rejects(
      leases.acquire('c', () => Promise.reject(fault)),
      fault,
    );
    let calls = 0;
    const resolve = async (): Promise<Endpoint> => {
      calls += 1;
      return second.endpoint;
    };
    await Promise.all([leases.acquire('c', resolve), leases.acquire('c', resolve)]);
    assert.equal(await leases.acquire('c', resolve), second.endpoint);
    assert.equal(calls, 1);
    assert.equal(first.isReleased(), false, 'a tunnel uses it');
    leases.detach('c', 't1');
    await Promise.all([first.released, second.released]);
  });

  it('is cancelled while it is being resolved, and released if it comes all the same', async () => {
    const leases = make();
    const late = endpoint();
    let aborted = false;
    let arrive: (endpoint: Endpoint) => void = () => undefined;
    const acquiring = leases.acquire('c', (signal) => {
      signal.addEventListener('abort', () => {
        aborted = true;
      });
      return new Promise((resolve) => {
        arrive = resolve;
      });
    });
    const releasing = leases.release('c');
    assert.equal(aborted, true);
    arrive(late.endpoint);
    await Promise.all([acquiring, releasing]);
    assert.equal(late.isReleased(), true);
  });
});
