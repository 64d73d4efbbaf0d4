import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { parseConfig } from '../../server/config.ts';
import { createProvider } from '../../server/providers/registry.ts';
import { logBook } from '../support/log-book.ts';
import { keepsTheContract } from './contract.ts';
import { providerContext } from './support/context.ts';

keepsTheContract('static', { power: true }, async () => {
  const password = logBook.secret(randomBytes(12).toString('hex'));
  const wakeOnLan = { mac: '02:00:5e:10:00:ff', broadcast: '127.0.0.1' };
  const consoles = { vnc: { host: '127.0.0.1', password } };
  const machines = [{ id: 'desk', wakeOnLan, consoles }];
  const tree = { providers: [{ id: 'lab', type: 'static', machines }] };
  const [config] = parseConfig(tree, 'the test').providers;
  return {
    provider: createProvider(config ?? assert.fail(), providerContext()),
    machine: { id: 'desk', kind: 'vnc' },
    absent: 'none',
    power: { id: 'desk', action: 'on' },
    secrets: [password],
  };
});
