import assert from 'node:assert/strict';
import { parseConfig } from '../../server/config.ts';
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

const resolve = {
  onStep: () => undefined,
  onFault: () => undefined,
  signal: new AbortController().signal,
};

describe('the provider registry', () => {
  it('finds a machine by its id, and says which one there is not', async () => {
    const registry = new ProviderRegistry([staticProvider('a', 'x')]);
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
