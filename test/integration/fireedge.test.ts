import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { before, describe, it } from 'mocha';
import WebSocket from 'ws';
import { consoleList } from '../../server/contract/index.ts';
import { cleanUp } from '../support/dispose.ts';
import { TestGateway, TestTunnel } from '../support/gateway.ts';
import { startGuacd } from '../support/guacd.ts';
import { logBook } from '../support/log-book.ts';
import { QemuPeer } from '../support/qemu.ts';
import { startRedis } from '../support/redis.ts';
import { until } from '../support/until.ts';
import { FIREEDGE_SETTINGS, fireEdgeToken } from '../tunnel/support/fireedge-token.ts';
import { auditOf } from './support/audit.ts';
import { assertTypesIntoGrub } from './support/grub.ts';
import { configToken } from './support/staff.ts';

const KEY = logBook.secret(randomBytes(16).toString('hex'));
const PASSWORD = logBook.secret(randomBytes(4).toString('hex'));
const SUNSTONE = 'https://sunstone.example';
const admin = configToken('auditor', 'admin');

describe('a tunnel by FireEdge’s token', () => {
  const suite = cleanUp();
  const each = cleanUp('each');
  let machine: QemuPeer;
  let gateway: TestGateway;
  let closed: TestGateway;

  before(async function () {
    this.timeout(60_000);
    const [redis, guacd, qemu] = await Promise.all([
      suite.start(startRedis()),
      suite.start(startGuacd()),
      suite.start(QemuPeer.start({ boot: 'grub' })),
    ]);
    machine = qemu;
    await machine.setPassword(PASSWORD);
    const options = { redis, guacd, machines: [] };
    const config = {
      apiTokens: [admin.line],
      listen: { port: 0, trustedProxies: ['127.0.0.1'] },
      allowedOrigins: [SUNSTONE],
      fireEdge: { key: KEY, hosts: ['127.0.0.0/8', '*.kvm.example'] },
      policy: [{ machines: ['fireedge:127.0.0.9:*'], deny: ['open'] }],
    };
    gateway = await suite.start(TestGateway.start({ ...options, config }));
    closed = await suite.start(TestGateway.start(options));
  });

  const token = (settings: object = {}, type = 'vnc') => {
    const { host: hostname, port } = machine;
    const all = { ...FIREEDGE_SETTINGS, hostname, port, password: PASSWORD, ...settings };
    return fireEdgeToken({ connection: { type, settings: all } }, KEY);
  };
  let caller = 0;
  /** Each from an address of its own. */
  function connect(
    presented: string,
    { query = '', origin = SUNSTONE, from = `192.0.2.${(caller += 1)}`, at = gateway } = {},
  ): TestTunnel {
    const url = `${at.url.replace('http', 'ws')}/fireedge/guacamole?token=${encodeURIComponent(presented)}${query}`;
    const headers = { origin, 'x-forwarded-for': from };
    return each.add(new TestTunnel(new WebSocket(url, 'guacamole', { headers })));
  }
  const refusedWith = async (tunnel: TestTunnel) => (await tunnel.closed).code;
  async function consoles() {
    const answer = await gateway.call('GET', '/consoles', { as: admin.token });
    return consoleList.parse(await answer.json()).items;
  }

  it('is a console of ours, which ends with it', async () => {
    const tunnel = connect(token(), { query: '&width=800&height=600&dpi=96' });
    await tunnel.pictured();
    const connected = async () => (await consoles()).find(({ state }) => state === 'connected');
    const open = await until(connected, { timeout: 5000, what: 'a console' });
    assert.deepEqual(
      [open.machine, open.kind, open.user, open.readOnly],
      [`fireedge:127.0.0.1:${machine.port}`, 'vnc', 'fireedge', false],
    );
    tunnel.stop();
    const gone = async () => !(await consoles()).some(({ id }) => id === open.id);
    await until(gone, { timeout: 5000, what: 'the console to be closed' });
  });

  it('can be ended by staff', async () => {
    const tunnel = connect(token());
    await tunnel.pictured();
    const connected = async () => (await consoles()).find(({ state }) => state === 'connected');
    const { id } = await until(connected, { timeout: 5000, what: 'a console' });
    await gateway.call('DELETE', `/consoles/${id}`, { as: admin.token });
    assert.equal((await tunnel.closed).code, 4004);
  });

  it('is for looking alone where the token says so, and not because the query does', async () => {
    for (const [settings, query, expected] of [
      [{ 'read-only': 'true' }, '&read-only=false', true],
      [{}, '&read-only=true', false],
    ] as const) {
      const tunnel = connect(token(settings), { query });
      await tunnel.pictured();
      const connected = async () => (await consoles()).find(({ state }) => state === 'connected');
      const open = await until(connected, { timeout: 5000, what: 'a console' });
      assert.equal(open.readOnly, expected);
      tunnel.stop();
      const gone = async () => (await consoles()).length === 0;
      await until(gone, { timeout: 5000, what: 'the console to be closed' });
    }
  });

  it('is refused from another web origin, to another host, and against the policy', async () => {
    assert.equal(await refusedWith(connect(token(), { origin: 'https://evil.example' })), 403);
    for (const hostname of ['192.0.2.1', 'evil.example', '169.254.169.254', '[::1]', '127.0.0.9']) {
      assert.equal(await refusedWith(connect(token({ hostname }))), 403, hostname);
    }
    const query = 'action=connect&result=forbidden';
    const entries = await auditOf(gateway, admin.token, query, 5);
    assert.ok(entries.every(({ via, who }) => via === 'launch' && who === null));
  });

  it('is refused with a token that is not FireEdge’s, and nobody can search for one', async () => {
    assert.equal(await refusedWith(connect('')), 401);
    assert.equal(await refusedWith(connect('none')), 401);
    const from = '203.0.113.1';
    const codes = new Set<number>();
    for (let time = 0; time < 25; time += 1) {
      codes.add(await refusedWith(connect('none', { from })));
    }
    assert.deepEqual([...codes], [401, 429]);
    assert.equal(await refusedWith(connect(token(), { from })), 429);
  });

  it('is not there unless it is configured', async () => {
    assert.equal(await refusedWith(connect(token(), { at: closed, origin: closed.url })), 404);
  });

  it('takes what is typed', async function () {
    this.timeout(60_000);
    const tunnel = connect(token());
    await tunnel.pictured();
    await assertTypesIntoGrub(tunnel, machine);
  });
});
