import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'mocha';
import { connectCloud } from '../../server/providers/hetzner/connect-cloud.ts';
import { hetznerConfig } from '../../server/providers/hetzner/schema.ts';
import { ServerManagement } from '../../server/providers/hetzner/server-management.ts';
import { HetznerSimulator } from '../simulators/hetzner.ts';
import { cleanUp } from '../support/dispose.ts';
import { logBook } from '../support/log-book.ts';
import { providerContext } from './support/context.ts';

describe("servers of Hetzner's cloud", () => {
  const each = cleanUp('each');
  let simulator: HetznerSimulator;
  let servers: ServerManagement;

  beforeEach(async () => {
    simulator = await each.start(HetznerSimulator.start());
    const config = hetznerConfig.parse({
      id: 'hz',
      type: 'hetzner',
      apiToken: simulator.token,
      baseUrl: simulator.url,
      label: 'console=yes',
      namePrefix: 'cust-',
    });
    const cloud = connectCloud(config, providerContext().rateLimit);
    each.add(() => cloud.close());
    servers = new ServerManagement(cloud, config);
  });

  const server = (name: string) => simulator.cloud.servers.find((one) => one.name === name);
  const shop = { name: 'cust-shop', type: 'cx22', image: 'ubuntu-24.04', datacenter: 'nbg1-dc3' };

  it('are made with the label, and with a name that begins as configured', async () => {
    await assert.rejects(servers.create({ ...shop, name: 'shop' }), {
      status: 'forbidden',
      message: 'hz: names of new servers begin with cust-',
    });
    const { id, addresses, rootPassword } = await servers.create(shop);
    logBook.secret(rootPassword ?? assert.fail());
    assert.equal(addresses.length, 2);
    const { labels, image, datacenter } = simulator.cloud.server(id);
    assert.deepEqual(
      { labels, image, datacenter },
      { labels: { console: 'yes' }, image: 'ubuntu-24.04', datacenter: 'nbg1-dc3' },
    );
    await assert.rejects(servers.create(shop), /hz: there is one of that name already$/);
    const unknown = servers.create({ ...shop, name: 'cust-2', image: 'minix' });
    await assert.rejects(unknown, { status: 'invalid_request' });
  });

  it('are labelled and deleted only where they have the label, which stays', async () => {
    simulator.cloud.add({ name: 'mine', labels: { console: 'yes', old: '1' } });
    simulator.cloud.add({ name: 'other' });
    await servers.label('mine', 'customer', 'anna');
    await servers.label('mine', 'old', null);
    await assert.rejects(servers.label('mine', 'console', null), { status: 'forbidden' });
    assert.deepEqual(server('mine')?.labels, { console: 'yes', customer: 'anna' });
    const none = { status: 'machine_not_found', message: 'hz: there is no server other' };
    await assert.rejects(servers.label('other', 'customer', 'anna'), none);
    await assert.rejects(servers.delete('other'), none);
    await servers.delete('mine');
    assert.match(server('mine')?.status ?? 'deleting', /deleting/);
    assert.equal(server('other')?.status, 'running');
  });
});
