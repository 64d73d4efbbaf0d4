import assert from 'node:assert/strict';
import { parseConfig } from '../../server/config.ts';
import { GatewayError } from '../../server/errors.ts';
import { createLogger } from '../../server/log.ts';
import type { Provider } from '../../server/providers/provider.ts';
import { ProviderRegistry, createProvider } from '../../server/providers/registry.ts';
import { providerContext } from './support/context.ts';

const CONSOLES = {
  ssh: { host: 'h', username: 'root', password: 'pässwörd', params: { scrollback: 0 } },
};

function staticProvider(id: string, ...machines: string[]): Provider {
  const tree = {
    providers: [
      { id, type: 'static', machines: machines.map((name) => ({ id: name, consoles: CONSOLES })) },
    ],
  };
  const [config] = parseConfig(tree, 'test').providers;
  assert.ok(config);
  return createProvider(config, providerContext());
}

const silent = createLogger('silent');
const resolve = {
  onStep: () => undefined,
  onFault: () => undefined,
  signal: new AbortController().signal,
};

describe('the provider registry', () => {
  it('lists the machines of all providers by their public ids, in order', async () => {
    const registry = new ProviderRegistry(
      [staticProvider('b', 'x'), staticProvider('a', 'z', 'y')],
      silent,
    );
    const listed = await registry.list();
    assert.deepEqual(
      listed.map(({ id }) => id),
      ['a:y', 'a:z', 'b:x'],
    );
    assert.equal(listed[0]?.location, 'nl');
  });

  it('lists the others when a provider does not answer', async () => {
    const down = staticProvider('down');
    down.list = () => Promise.reject(new GatewayError('provider_unavailable', 'no answer'));
    const registry = new ProviderRegistry([down, staticProvider('a', 'x')], silent);
    assert.deepEqual(
      (await registry.list()).map(({ id }) => id),
      ['a:x'],
    );
  });

  it('finds a machine by its id, and says which one there is not', async () => {
    const registry = new ProviderRegistry([staticProvider('a', 'x')], silent);
    assert.equal((await registry.get('a:x')).localId, 'x');
    for (const id of ['a:nope', 'b:x', 'x', '', ':x', 'a:']) {
      await assert.rejects(registry.get(id), { status: 'machine_not_found' });
    }
  });
});

describe('the static provider', () => {
  it('resolves to the address, the credentials and the parameters of the file', async () => {
    const endpoint = await staticProvider('a', 'x').resolve({
      machineId: 'x',
      kind: 'ssh',
      ...resolve,
    });
    assert.deepEqual([endpoint.protocol, endpoint.host, endpoint.port], ['ssh', 'h', 22]);
    assert.deepEqual(endpoint.parameters, {
      scrollback: '0',
      username: 'root',
      password: 'pässwörd',
    });
  });

  it('refuses a kind that the machine does not have', async () => {
    const provider = staticProvider('a', 'x');
    await assert.rejects(provider.resolve({ machineId: 'x', kind: 'vnc', ...resolve }), {
      status: 'console_kind_unavailable',
    });
  });
});
