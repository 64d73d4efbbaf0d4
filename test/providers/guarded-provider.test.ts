import assert from 'node:assert/strict';
import { GatewayError } from '../../server/errors.ts';
import { createLogger } from '../../server/log.ts';
import type { Endpoint, Provider, ProviderMachine } from '../../server/providers/provider.ts';
import { GUARD_LIMITS, guardProvider } from '../../server/providers/guarded-provider.ts';
import { ScriptedProvider, someMachine } from '../support/scripted-provider.ts';
import { until } from '../support/until.ts';

const QUICK = {
  ...GUARD_LIMITS,
  ...{ list: 50, get: 50, resolve: 50, power: 50, pause: 100, failures: 3, backOff: 1 },
};
const log = createLogger('silent');
const unavailable = (message: RegExp) => ({ status: 'provider_unavailable', message });

function request(signal = new AbortController().signal) {
  const nothing = () => undefined;
  return { machineId: 'x', kind: 'vnc', onStep: nothing, onFault: nothing, signal } as const;
}

describe('a provider under guard', () => {
  let remote: ScriptedProvider;
  let guarded: Provider;

  beforeEach(() => {
    remote = new ScriptedProvider('p', 'x', 'y');
    guarded = guardProvider(remote, log, QUICK);
  });

  const power = () => guarded.power?.('x', 'on') ?? assert.fail('it has power');

  it('lists, finds and resolves', async () => {
    assert.deepEqual(await guarded.list(), [someMachine('x'), someMachine('y')]);
    assert.deepEqual(await guarded.get('y'), someMachine('y'));
    assert.equal(await guarded.get('z'), undefined);
    assert.equal((await guarded.resolve(request())).port, 5900);
  });

  it('is given up when it does not answer in time, whatever it is asked', async () => {
    remote.mood = 'hangs';
    const late = unavailable(/^p does not answer in time$/);
    await Promise.all([
      assert.rejects(guarded.list(), late),
      assert.rejects(guarded.get('x'), late),
      assert.rejects(guarded.resolve(request()), late),
      assert.rejects(power(), late),
    ]);
    assert.deepEqual(remote.calls.toSorted(), ['get', 'list', 'power', 'resolve'], 'not again');
  });

  it('is asked again for what changes nothing, and for nothing else', async () => {
    remote.mood = 'down';
    await assert.rejects(guarded.list(), unavailable(/p is down/));
    await assert.rejects(guarded.get('x'), unavailable(/p is down/));
    await assert.rejects(power(), unavailable(/p is down/));
    const calls = ['list', 'list', 'list', 'get', 'get', 'power'];
    assert.deepEqual(remote.calls, calls);
  });

  it('is not asked again when it refuses us, or says when to come', async () => {
    const refusals = [
      new GatewayError('provider_refused', 'wrong password'),
      new GatewayError('provider_unavailable', 'too many calls', { retryAfter: 60 }),
    ];
    for (const refusal of refusals) {
      let calls = 0;
      remote.list = async () => {
        calls += 1;
        throw refusal;
      };
      await assert.rejects(guarded.list(), refusal);
      assert.equal(calls, 1);
    }
  });

  it('is left alone for a while after failures in a row, and then tried', async () => {
    remote.mood = 'down';
    for (let count = 0; count < QUICK.failures; count += 1) await assert.rejects(power());
    remote.mood = 'up';
    const asked = remote.calls.length;
    await assert.rejects(power(), unavailable(/is not asked for some seconds/));
    assert.equal(remote.calls.length, asked);
    await until(() => guarded.get('x').catch(() => undefined), {
      timeout: 2000,
      what: 'it to be asked again',
    });
    await power();
  });

  it('is not left alone for machines that are not there, nor for users who leave', async () => {
    const none = new GatewayError('machine_not_found', 'no such machine');
    remote.endpoint = () => Promise.reject(none);
    for (let count = 0; count < 5; count += 1) {
      await assert.rejects(guarded.resolve(request()), none);
    }
    remote.mood = 'hangs';
    for (let count = 0; count < 5; count += 1) {
      const leaving = new AbortController();
      const resolving = guarded.resolve(request(leaving.signal));
      leaving.abort();
      await assert.rejects(resolving, { name: 'AbortError' });
    }
    remote.mood = 'up';
    await power();
  });

  it('releases an endpoint that comes when nobody waits any more', async () => {
    let arrive: (endpoint: Endpoint) => void = () => assert.fail('it was not asked');
    remote.endpoint = () =>
      new Promise((resolve) => {
        arrive = resolve;
      });
    await assert.rejects(guarded.resolve(request()), unavailable(/in time/));
    arrive(remote.plainEndpoint());
    await until(() => remote.released === 1, { timeout: 1000, what: 'the release' });
  });

  it('takes so many calls at once, and lets a few wait', async () => {
    const narrow = { ...QUICK, concurrent: 1, waiting: 1 };
    guarded = guardProvider(remote, log, narrow);
    remote.mood = 'hangs';
    const calls = [power(), power(), power()];
    await assert.rejects(calls[2] ?? assert.fail(), unavailable(/too many calls/));
    await Promise.allSettled(calls);
  });

  const lists: [string, unknown][] = [
    ['no list', { machines: [] }],
    ['nothing', undefined],
    ['an id that is none', [someMachine('a b')]],
    ['two machines of one id', [someMachine('x'), someMachine('x')]],
    ['a kind that there is not', [someMachine('x', { consoles: ['spice' as 'vnc'] })]],
    ['an owner that is a number', [someMachine('x', { owner: 7 as unknown as string })]],
    ['a machine without a name', [{ ...someMachine('x'), name: undefined }]],
  ];
  for (const [what, list] of lists) {
    it(`returns nonsense when its list is or has ${what}`, async () => {
      remote.machines = list as readonly ProviderMachine[];
      await assert.rejects(guarded.list(), unavailable(/^p returns nonsense: /));
      assert.deepEqual(remote.calls, ['list']);
    });
  }

  it('returns nonsense when it gives another machine, or an endpoint that is none', async () => {
    remote.get = async () => someMachine('other');
    await assert.rejects(guarded.get('x'), unavailable(/another machine/));
    const secret = 'pw-in-a-wrong-place';
    remote.endpoint = async () => ({
      ...remote.plainEndpoint(),
      port: secret as unknown as number,
    });
    await assert.rejects(guarded.resolve(request()), (error: Error) => {
      assert.match(error.message, /^p returns nonsense: port$/);
      return !error.message.includes(secret);
    });
  });
});
