import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import assert from 'node:assert/strict';
import { RackProvider, rackConfig } from '../../examples/rack-provider.ts';
import { logBook } from '../support/log-book.ts';
import { keepsTheContract } from './contract.ts';
import { providerContext } from './support/context.ts';

type Mood = 'up' | 'down' | 'silent' | 'nonsense';

keepsTheContract('the example of the guide', { remote: true, credentials: true }, async (parts) => {
  const token = logBook.secret(randomBytes(12).toString('hex'));
  let mood: Mood = 'up';
  let accepted = token;
  const server = createServer((request, response) => {
    if (mood === 'down') request.socket.destroy();
    else if (mood === 'nonsense') response.end('<!doctype html><title>Sign in</title>');
    else if (request.headers.authorization !== `Bearer ${accepted}`) response.writeHead(401).end();
    else if (mood === 'up') {
      const labels = { customer: 'alice' };
      response.end(JSON.stringify([{ name: 'u1', address: '192.0.2.1', up: true, labels }]));
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  parts.add(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  const url = `http://127.0.0.1:${port}`;
  const config = rackConfig.parse({
    id: 'rack',
    type: 'rack',
    url,
    token,
    owner: { label: 'customer' },
  });
  const provider = new RackProvider(config, providerContext());
  parts.add(() => provider.stop());
  return {
    provider,
    machine: { id: 'u1', kind: 'ssh' },
    absent: 'u2',
    secrets: [token],
    remote: {
      down: () => void (mood = 'down'),
      silent: () => void (mood = 'silent'),
      nonsense: () => void (mood = 'nonsense'),
      refusing: () => void (accepted = 'another'),
      up: () => {
        mood = 'up';
        accepted = token;
      },
    },
  };
});

describe('the guide to providers', () => {
  it('shows the example as it is, in less than 100 lines', async () => {
    const root = join(import.meta.dirname, '../..');
    const example = await readFile(join(root, 'examples/rack-provider.ts'), 'utf8');
    const guide = await readFile(join(root, 'docs/providers.md'), 'utf8');
    assert.ok(example.split('\n').length < 100);
    assert.ok(guide.includes(example.trim()));
  });
});
