import assert from 'node:assert/strict';
import { SignJWT } from 'jose';
import { createSecretKey, randomBytes } from 'node:crypto';
import { before, describe, it } from 'mocha';
import {
  type ConsoleEvent,
  type ConsoleView,
  type CreatedConsole,
  type StatusCode,
  consoleList,
  consoleView,
  createdConsole,
  machineView,
} from '../../server/contract/index.ts';
import { cleanUp } from '../support/dispose.ts';
import { type TestConsole, TestGateway } from '../support/gateway.ts';
import { logBook } from '../support/log-book.ts';
import { until } from '../support/until.ts';
import { auditOf } from './support/audit.ts';
import { startLab } from './support/lab.ts';
import { problemOf } from './support/problem.ts';
import { configToken } from './support/staff.ts';

const LAUNCH_SECRET = logBook.secret(randomBytes(24).toString('hex'));
const alice = configToken('alice', 'customer');
const portal = configToken('portal', 'support');
const boss = configToken('boss', 'admin');
const carol = configToken('carol', 'customer');
const onlooker = configToken('onlooker', 'support', { actions: ['list', 'watch'] });
const TTL = 40;
const APPROVAL_TTL = 600;

/** `lab:desk` waits for an approval, `lab:shop` for carol's, `lab:safe` may only be looked at. */
const POLICY = [
  { machines: ['lab:desk'], approval: 'required', purpose: 'required' },
  { machines: ['lab:shop'], approval: 'required', approvers: { users: ['carol', 'alice'] } },
  { machines: ['lab:safe'], readOnly: true, kinds: ['ssh', 'rdp'], deny: ['extend', 'share'] },
  { machines: ['lab:safe'], roles: ['customer'], kinds: ['ssh', 'vnc'] },
  { machines: ['lab:shut'], deny: ['open'] },
];

describe('a policy', () => {
  const suite = cleanUp();
  const each = cleanUp('each');
  let one: TestGateway;
  let other: TestGateway;
  let start: (config: object) => Promise<TestGateway>;

  before(async function () {
    this.timeout(40_000);
    const lab = await startLab(suite);
    const [desk] = lab.machines as [{ consoles: object }];
    const ssh = { host: '127.0.0.1', port: 1 };
    const machine = (id: string) => ({
      id,
      owner: 'alice',
      consoles: { ssh, rdp: ssh, ...desk.consoles },
    });
    const machines = ['desk', 'shop', 'safe', 'shut', 'free'].map(machine);
    start = (config) =>
      TestGateway.start({
        ...lab,
        machines,
        config: {
          apiTokens: [alice, portal, boss, carol, onlooker].map(({ line }) => line),
          launch: [{ issuer: 'shop', algorithm: 'HS256', secret: LAUNCH_SECRET }],
          policy: POLICY,
          consoles: { ttl: TTL, maxTtl: 100, approvalTtl: APPROVAL_TTL },
          ...config,
        },
      });
    one = await suite.start(start({}));
    other = await suite.start(start({}));
  });

  const WISH = { machine: 'lab:desk', kind: 'vnc', purpose: 'the disk is full' };

  async function open(body: object, as = alice.token): Promise<CreatedConsole> {
    const answer = await one.call('POST', '/consoles', { as, body });
    assert.equal(answer.status, 201, await answer.clone().text());
    const created = createdConsole.parse(await answer.json());
    logBook.secret(new URL(created.url).hash.slice(1));
    return created;
  }

  async function redeemed(created: CreatedConsole): Promise<TestConsole> {
    const launchKey = new URL(created.url).hash.slice(1);
    const path = `/consoles/${created.id}/redeem`;
    const answer = await one.call('POST', path, { body: { key: launchKey } });
    const { bearer } = (await answer.json()) as { bearer: string };
    return { ...created, launchKey, bearer: logBook.secret(bearer) };
  }

  const refused = async (body: object, status: number, code: StatusCode, as = alice.token) =>
    problemOf(await one.call('POST', '/consoles', { as, body }), status, code);

  const approve = (gateway: TestGateway, id: string, as = boss.token) =>
    gateway.call('POST', `/consoles/${id}/approve`, { as, body: {} });

  async function waitingFor(as: string): Promise<ConsoleView[]> {
    const answer = await other.call('GET', '/approvals', { as });
    return consoleList.parse(await answer.json()).items;
  }

  describe('that wants a purpose', () => {
    it('refuses whoever gives none, and names the field', async () => {
      for (const purpose of [undefined, '', '   ', 'x'.repeat(501), 7]) {
        const body = { ...WISH, purpose };
        const problem = await (purpose === undefined
          ? refused(body, 422, 'purpose_required')
          : refused(body, 400, 'invalid_request'));
        assert.equal(problem.errors?.[0]?.path, 'purpose');
      }
    });

    it('shows it with the console, without spaces around it', async () => {
      const { purpose } = await open({ ...WISH, purpose: ' the disk is full ' });
      assert.equal(purpose, 'the disk is full');
      assert.equal((await open({ machine: 'lab:free', kind: 'vnc' })).purpose, null);
    });

    it('takes it from a portal’s link, and refuses a link without it', async () => {
      const link = (claims: object) =>
        new SignJWT({ machine: 'lab:desk', sub: 'alice', kind: 'vnc', ...claims })
          .setProtectedHeader({ alg: 'HS256' })
          .setIssuer('shop')
          .setExpirationTime('1m')
          .setJti(randomBytes(8).toString('hex'))
          .sign(createSecretKey(Buffer.from(LAUNCH_SECRET)));
      const follow = async (claims: object) =>
        fetch(`${one.url}/launch?jwt=${logBook.secret(await link(claims))}`, {
          redirect: 'manual',
          headers: { accept: 'application/json' },
        });
      await problemOf(await follow({}), 422, 'purpose_required');
      const answer = await follow({ purpose: 'a new kernel' });
      assert.equal(answer.status, 303);
      const { pathname, hash } = new URL(answer.headers.get('location') ?? '');
      logBook.secret(hash.slice(1));
      const view = await one.call('GET', `/consoles/${pathname.split('/').at(-1)}`, {
        as: boss.token,
      });
      const { purpose, openedBy, user } = consoleView.parse(await view.json());
      assert.deepEqual([purpose, openedBy, user], ['a new kernel', 'shop', 'alice']);
    });
  });

  it('says with a machine what opening it takes and what the caller may do there', async () => {
    const look = async (id: string, as: string) => {
      const answer = await one.call('GET', `/machines/${id}`, { as });
      const { requires, consoles, actions } = machineView.parse(await answer.json());
      return { requires, consoles, actions };
    };
    const none = { purpose: false, approval: false, readOnly: false };
    const desk = await look('lab:desk', alice.token);
    assert.deepEqual(desk.requires, { purpose: true, approval: true, readOnly: false });
    assert.deepEqual(desk.consoles, ['vnc', 'rdp', 'ssh']);
    const safe = await look('lab:safe', alice.token);
    assert.deepEqual(safe.requires, { ...none, readOnly: true });
    assert.deepEqual(safe.consoles, ['ssh']);
    assert.deepEqual(safe.actions, ['list', 'open', 'watch', 'kill', 'power']);
    assert.deepEqual((await look('lab:safe', boss.token)).consoles, ['rdp', 'ssh']);
    const shut = await look('lab:shut', boss.token);
    assert.deepEqual([shut.consoles, shut.actions.includes('open')], [[], false]);
  });

  describe('that takes something away', () => {
    it('opens no other kinds, and by itself one that is allowed', async () => {
      await refused({ machine: 'lab:safe', kind: 'vnc' }, 403, 'forbidden');
      await refused({ machine: 'lab:safe', kind: 'telnet' }, 422, 'console_kind_unavailable');
      assert.equal((await open({ machine: 'lab:safe' })).kind, 'ssh');
      assert.equal((await open({ machine: 'lab:safe' }, boss.token)).kind, 'rdp');
    });

    it('opens to look at only, whether that was asked for or not', async () => {
      await refused({ machine: 'lab:safe', readOnly: false }, 403, 'forbidden');
      assert.equal((await open({ machine: 'lab:safe' })).readOnly, true);
      assert.equal((await open({ machine: 'lab:safe', readOnly: true })).readOnly, true);
    });

    it('opens nothing, for nobody', async () => {
      await refused({ machine: 'lab:shut' }, 403, 'forbidden');
      await refused({ machine: 'lab:shut' }, 403, 'forbidden', boss.token);
    });

    it('holds for the page that has the console as well as for who may manage it', async () => {
      const opened = await redeemed(await open({ machine: 'lab:safe' }));
      assert.deepEqual(opened.may, { extend: false, share: false, power: false });
      for (const as of [opened.bearer, alice.token, boss.token]) {
        const answer = await one.call('POST', `/consoles/${opened.id}/extend`, { as, body: {} });
        await problemOf(answer, 403, 'forbidden');
      }
    });

    it('holds for links to it: to watch and to share are two rights', async () => {
      const share = (id: string, as: string, readOnly: boolean) =>
        one.call('POST', `/consoles/${id}/share`, { as, body: { readOnly } });
      const safe = await redeemed(await open({ machine: 'lab:safe' }));
      for (const readOnly of [true, false]) {
        await problemOf(await share(safe.id, safe.bearer, readOnly), 403, 'forbidden');
      }
      const free = await open({ machine: 'lab:free', kind: 'vnc' });
      await problemOf(await share(free.id, onlooker.token, false), 403, 'forbidden');
      const link = await share(free.id, onlooker.token, true);
      assert.equal(link.status, 201);
      const { url } = (await link.json()) as { url: string };
      logBook.secret(new URL(url).hash.slice(1));
    });

    it('holds for a console that a portal opens in the name of its customer', async () => {
      const wish = { machine: 'lab:safe', user: 'alice' };
      await refused({ ...wish, kind: 'rdp' }, 403, 'forbidden', portal.token);
      assert.equal((await open(wish, portal.token)).kind, 'ssh');
    });
  });

  describe('that wants an approval', () => {
    it('gives the console’s URL at once, and lets its page connect only when it is approved', async function () {
      this.timeout(20_000);
      const opened = await redeemed(await open(WISH));
      assert.deepEqual([opened.approval, opened.approvedBy], ['pending', null]);
      const token = () =>
        one.call('POST', `/consoles/${opened.id}/token`, { as: opened.bearer, body: {} });
      await problemOf(await token(), 409, 'approval_pending');
      const extend = await one.call('POST', `/consoles/${opened.id}/extend`, {
        as: opened.bearer,
        body: {},
      });
      await problemOf(extend, 409, 'approval_pending');

      const before = Date.now();
      const answer = await approve(other, opened.id);
      assert.equal(answer.status, 200);
      const approved = consoleView.parse(await answer.json());
      assert.deepEqual([approved.approval, approved.approvedBy], ['granted', 'boss']);
      const lives = Date.parse(approved.expiresAt) - before;
      assert.ok(lives >= TTL * 1000 && lives < (TTL + 5) * 1000, `it lives ${lives} ms`);

      const tunnel = each.add(await one.tunnel(opened));
      await tunnel.pictured();
    });

    it('tells the page of it, on whichever replica it listens', async () => {
      const opened = await redeemed(await open(WISH));
      const stop = new AbortController();
      each.add(() => stop.abort());
      const seen: (string | null)[] = [];
      for await (const event of one.events(opened.id, opened.bearer, stop.signal)) {
        const { console } = event as Extract<ConsoleEvent, { type: 'state' }>;
        seen.push(console.approval);
        if (console.approval === 'granted') break;
        assert.equal((await approve(other, opened.id)).status, 200);
      }
      assert.deepEqual(seen, ['pending', 'granted']);
    });

    it('takes it from nobody who is concerned, and from nobody who may not', async () => {
      const mine = await open(WISH);
      const forAlice = await open({ ...WISH, user: 'alice' }, boss.token);
      for (const [id, as] of [
        [mine.id, alice.token],
        [mine.id, portal.token],
        [mine.id, carol.token],
        [forAlice.id, alice.token],
        [forAlice.id, boss.token],
      ] as const) {
        await problemOf(await approve(one, id, as), 403, 'forbidden');
        const no = await one.call('POST', `/consoles/${id}/refuse`, { as, body: {} });
        await problemOf(no, 403, 'forbidden');
      }
      await problemOf(await approve(one, mine.id, 'nobody'), 401, 'unauthenticated');
      assert.equal((await one.view(mine.id, boss.token)).approval, 'pending');
    });

    it('lists what waits for the caller, and nothing else', async () => {
      const [mine, shop] = [await open(WISH), await open({ machine: 'lab:shop', kind: 'vnc' })];
      const ids = async (as: string) => (await waitingFor(as)).map(({ id }) => id);
      assert.ok((await ids(boss.token)).includes(mine.id));
      assert.ok(!(await ids(boss.token)).includes(shop.id));
      assert.deepEqual(await ids(carol.token), [shop.id]);
      assert.deepEqual(await ids(alice.token), []);
      assert.equal((await approve(other, shop.id, carol.token)).status, 200);
      assert.deepEqual(await ids(carol.token), []);
    });

    it('counts the first of two at once, and the second does no harm', async () => {
      const { id } = await open({ machine: 'lab:shop', kind: 'vnc' }, portal.token);
      const both = await Promise.all([
        approve(one, id, carol.token),
        approve(other, id, alice.token),
      ]);
      assert.deepEqual(
        both.map(({ status }) => status),
        [200, 200],
      );
      const views = await Promise.all(
        both.map(async (answer) => consoleView.parse(await answer.json())),
      );
      assert.equal(views[0]?.approvedBy, views[1]?.approvedBy);
      assert.equal(views[0]?.expiresAt, views[1]?.expiresAt);
    });

    it('may be refused, which closes the console and tells why', async () => {
      const opened = await redeemed(await open(WISH));
      const path = `/consoles/${opened.id}/refuse`;
      const answer = await other.call('POST', path, {
        as: boss.token,
        body: { detail: 'not before Monday' },
      });
      const { state, reason, error } = consoleView.parse(await answer.json());
      assert.deepEqual([state, reason, error?.code], ['closed', 'killed', 'approval_refused']);
      assert.match(error?.message ?? '', /boss: not before Monday/);
      await problemOf(await approve(one, opened.id), 410, 'console_killed');
      const token = await one.call('POST', `/consoles/${opened.id}/token`, {
        as: opened.bearer,
        body: {},
      });
      await problemOf(token, 410, 'console_killed');
    });

    it('is in the audit trail: who asked, for what, and who decided', async () => {
      const granted = await open({ ...WISH, user: 'alice' }, portal.token);
      await approve(other, granted.id, alice.token);
      await approve(other, granted.id);
      const story = await auditOf(one, boss.token, `console=${granted.id}`, 3);
      assert.deepEqual(
        story.map(({ action, who, result }) => [action, who, result].join(' ')),
        ['open portal ok', 'approve alice forbidden', 'approve boss ok'],
      );
      assert.match(story[0]?.detail ?? '', /for alice, to be approved, purpose: the disk is full/);
    });

    it('is not to be given or refused where nothing waits', async () => {
      const free = await open({ machine: 'lab:free', kind: 'vnc' });
      await problemOf(await approve(one, free.id), 409, 'approval_settled');
      const granted = await open(WISH);
      assert.equal((await approve(one, granted.id)).status, 200);
      const late = await one.call('POST', `/consoles/${granted.id}/refuse`, {
        as: boss.token,
        body: {},
      });
      await problemOf(late, 409, 'approval_settled');
    });

    it('lets the console go when nobody gives it in time', async function () {
      this.timeout(10_000);
      const impatient = await each.start(
        start({ consoles: { ttl: 60, maxTtl: 100, approvalTtl: 1 } }),
      );
      const answer = await impatient.call('POST', '/consoles', { as: alice.token, body: WISH });
      const { id, url } = createdConsole.parse(await answer.json());
      logBook.secret(new URL(url).hash.slice(1));
      await until(
        async () => {
          return (await impatient.view(id, boss.token)).state === 'closed';
        },
        { what: 'the console to be over', timeout: 5000 },
      );
      await problemOf(await approve(impatient, id), 410, 'console_expired');
    });
  });
});
