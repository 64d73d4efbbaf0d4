import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'mocha';
import WebSocket from 'ws';
import { cleanUp } from '../support/dispose.ts';
import { logBook } from '../support/log-book.ts';
import { QemuPeer } from '../support/qemu.ts';
import { ProxmoxSimulator } from './proxmox.ts';

type Data = Record<string, string | number>;

describe('the simulator of Proxmox VE', () => {
  const suite = cleanUp();
  const each = cleanUp('each');
  let peer: QemuPeer;
  let pve: ProxmoxSimulator;
  const token = () => ({ authorization: `PVEAPIToken=${pve.token}` });
  const node = '/nodes/pve1/qemu/100';

  before(async () => {
    peer = await suite.start(QemuPeer.start());
  });
  beforeEach(async () => {
    pve = each.add(await ProxmoxSimulator.start());
    pve.add({
      vmid: 100,
      type: 'qemu',
      node: 'pve1',
      name: 'web',
      status: 'running',
      screen: peer,
    });
    pve.add({ vmid: 101, type: 'qemu', node: 'pve1', name: 'other', status: 'running' });
  });

  function call(method: string, path: string, headers: Record<string, string>, body = {}) {
    const form = new URLSearchParams(body);
    return fetch(`${pve.url}/api2/json${path}`, {
      ...{ method, headers },
      ...(method === 'POST' && { body: form }),
    });
  }
  async function data(answer: Response): Promise<Data> {
    assert.equal(answer.status, 200);
    return ((await answer.json()) as { data: Data }).data;
  }
  async function signIn(): Promise<Record<'cookie' | 'csrfpreventiontoken', string>> {
    const account = { username: pve.username, password: pve.password };
    const { ticket, CSRFPreventionToken } = await data(
      await call('POST', '/access/ticket', {}, account),
    );
    const cookie = `PVEAuthCookie=${encodeURIComponent(String(ticket))}`;
    return { cookie, csrfpreventiontoken: String(CSRFPreventionToken) };
  }
  const proxy = async (headers: Record<string, string> = token()) =>
    data(await call('POST', `${node}/vncproxy`, headers, { websocket: 1 }));

  /** How an upgrade ends: 101, another status, or nothing. */
  function upgrade(query: Data, headers: Record<string, string> = token(), path = node) {
    const fields = Object.entries(query).map(([name, value]) => [name, String(value)]);
    const search = new URLSearchParams(fields).toString();
    const url = `${pve.url.replace('http', 'ws')}/api2/json${path}/vncwebsocket?${search}`;
    const socket = new WebSocket(url, 'binary', { headers });
    each.add(() => socket.terminate());
    return new Promise<number>((resolve) => {
      socket.on('error', () => resolve(0));
      socket.once('unexpected-response', (_request, { statusCode = 0 }) => resolve(statusCode));
      socket.once('open', () => resolve(101));
    });
  }
  const places = ({ port = 0, ticket = '' }: Data) => ({ port, vncticket: ticket });

  it('takes nothing that writes by a cookie without its CSRF token', async () => {
    const { cookie, csrfpreventiontoken } = await signIn();
    assert.equal((await call('GET', `${node}/config`, { cookie })).status, 200);
    const reset = (headers: Record<string, string>) =>
      call('POST', `${node}/status/reset`, { cookie, ...headers });
    assert.equal((await reset({})).status, 401);
    assert.equal((await reset({ csrfpreventiontoken: `${csrfpreventiontoken}x` })).status, 401);
    assert.equal((await reset({ csrfpreventiontoken })).status, 200);
    pve.tickets.ahead = 2 * 3600 + 1;
    assert.equal((await call('GET', `${node}/config`, { cookie })).status, 401);
  });

  it('says what is wrong behind the status', async () => {
    const unknown = await call('POST', `${node}/vncproxy`, token(), { websocket: 1, foo: 1 });
    assert.deepEqual([unknown.status, unknown.statusText], [400, 'Parameter verification failed.']);
    pve.denied.add('VM.Console');
    const denied = await call('POST', `${node}/vncproxy`, token(), { websocket: 1 });
    const reason = 'Permission check failed (/vms/100, VM.Console)';
    assert.deepEqual([denied.status, denied.statusText], [403, reason]);
  });

  it('lets a console in by cookie or token, once, and with its own ticket alone', async () => {
    const account = await signIn();
    for (const headers of [token(), account]) {
      const query = places(await proxy(headers));
      assert.equal(await upgrade(query, {}), 401, 'nobody');
      const others = headers === account ? token() : account;
      assert.equal(await upgrade(query, others), 401, 'somebody else');
      const forged = { ...query, vncticket: `${query.vncticket}x` };
      assert.equal(await upgrade(forged, headers), 401, 'forged');
      const another = { ...query, port: Number(query.port) + 1 };
      assert.equal(await upgrade(another, headers), 401, 'another port');
      assert.equal(await upgrade(query, headers, '/nodes/pve1/qemu/101'), 401, 'another guest');
      assert.equal(await upgrade({ ...query, port: 80 }, headers), 400, 'a port of something else');
      assert.equal(await upgrade(query, headers), 101);
      assert.equal(await upgrade(query, headers), 0, 'nothing listens any more');
    }
  });

  for (const [age, status] of [
    [-22, 401],
    [-19, 101],
    [39, 101],
    [41, 401],
  ] as const) {
    it(`${status === 101 ? 'takes' : 'refuses'} a console's ticket of ${age} s`, async () => {
      const query = places(await proxy());
      pve.tickets.ahead = age;
      assert.equal(await upgrade(query), status);
    });
  }

  it('listens for a console for a limited time', async () => {
    pve.door.listens = 0;
    assert.equal(await upgrade(places(await proxy())), 0);
  });

  it('gives the VNC password beside the ticket, as an old server the ticket alone', async () => {
    const { password, ticket } = await proxy();
    logBook.secret(String(password));
    assert.equal(String(password).length, 8);
    assert.match(String(ticket), /^.{8}:PVEVNC:[0-9A-F]+::/);
    pve.door.era = 'old';
    const old = await proxy();
    assert.deepEqual([old['password'], String(old['ticket']).slice(0, 7)], [undefined, 'PVEVNC:']);
  });
});
