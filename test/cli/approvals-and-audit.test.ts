import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { before, describe, it } from 'mocha';
import type { AuditRecord } from '../../server/contract/index.ts';
import { auditOf } from '../integration/support/audit.ts';
import { cleanUp } from '../support/dispose.ts';
import { API_TOKENS, TestGateway, testConfig } from '../support/gateway.ts';
import { logBook } from '../support/log-book.ts';
import { startRedis } from '../support/redis.ts';
import { runCli } from './support/run-cli.ts';

const ADMIN = logBook.secret(randomBytes(18).toString('base64url'));

describe('the CLI of whoever decides and looks back', function () {
  this.timeout(60_000);
  const suite = cleanUp();
  let gateway: TestGateway;

  before(async () => {
    const redis = await suite.start(startRedis());
    const machines = [{ id: 'desk', consoles: { vnc: { host: '127.0.0.1', port: 1 } } }];
    const options = { redis, guacd: { host: '127.0.0.1', port: 1 }, machines };
    const { apiTokens } = (await testConfig(options)) as { apiTokens: object[] };
    const tokenHash = createHash('sha256').update(ADMIN).digest('hex');
    const root = { name: 'root', role: 'admin', tokenHash };
    const policy = [{ machines: ['lab:desk'], approval: 'required' }];
    const config = { policy, apiTokens: [...apiTokens, root] };
    gateway = await suite.start(TestGateway.start({ ...options, config }));
  });

  const as = (token: string, ...args: string[]) =>
    runCli(args, { env: { RACKSIDE_CLI_URL: gateway.url, RACKSIDE_CLI_TOKEN: token } });

  async function output(...args: string[]): Promise<string> {
    const { code, stdout, stderr } = await as(ADMIN, ...args);
    assert.deepEqual([code, stderr], [0, '']);
    return stdout;
  }

  it('approves a console and says until when it is open', async () => {
    const { id } = await gateway.open({ machine: 'lab:desk' });
    const until = (await output('approve', id)).trim();
    const { approval, approvedBy, expiresAt } = await gateway.view(id);
    assert.deepEqual([approval, approvedBy, expiresAt], ['granted', 'root', until]);
  });

  it('lists what waits for an approval, and forgets nobody’s codes where there are none', async () => {
    const { id } = await gateway.open({ machine: 'lab:desk', user: 'alice' });
    assert.match(await output('approvals'), new RegExp(`^${id}\tlab:desk\tvnc\talice\t`, 'm'));
    assert.match(await output('consoles'), new RegExp(`^${id}\t.*\tto be approved\t`, 'm'));
    await output('refuse', id);
    assert.doesNotMatch(await output('approvals'), new RegExp(id));
    const codes = await as(ADMIN, 'user', 'reset-codes', 'alice');
    assert.deepEqual([codes.code, /\(totp_not_active\)$/m.test(codes.stderr)], [3, true]);
    const stranger = await as(ADMIN, 'user', 'forget', 'nobody');
    assert.deepEqual([stranger.code, /\(not_found\)$/m.test(stranger.stderr)], [3, true]);
  });

  it('refuses a console with a reason, or without one', async () => {
    for (const detail of [['--detail', 'call me first'], []]) {
      const { id } = await gateway.open({ machine: 'lab:desk' });
      assert.equal(await output('refuse', id, ...detail), '');
      const { state, error } = await gateway.view(id);
      assert.deepEqual([state, error?.code], ['closed', 'approval_refused']);
      if (detail.length > 0) assert.match(error?.message ?? '', /call me first/);
    }
  });

  it('ends with 3 where it is not theirs to decide, or decided', async () => {
    const { id } = await gateway.open({ machine: 'lab:desk' });
    const own = await as(API_TOKENS.portal, 'approve', id);
    assert.equal(own.code, 3);
    assert.match(own.stderr, /\(forbidden\)$/m);
    await output('approve', id);
    const late = await as(ADMIN, 'refuse', id);
    assert.equal(late.code, 3);
    assert.match(late.stderr, /\(approval_settled\)$/m);
  });

  it('shows the audit trail as lines and as JSON, of what is asked for', async () => {
    const { id } = await gateway.open({ machine: 'lab:desk', user: 'alice' });
    await output('approve', id);
    await as(API_TOKENS.customer, 'refuse', id);
    await auditOf(gateway, ADMIN, `console=${id}`, 3);
    const story = (await output('audit', '--console', id)).trimEnd().split('\n');
    const fields = story.map((line) => line.split('\t'));
    assert.deepEqual(
      fields.map(([, who, via, , action, machine, of, result]) =>
        [who, via, action, machine, of === id, result].join(' '),
      ),
      [
        'alice token approve lab:desk true forbidden',
        'root token approve lab:desk true ok',
        'portal token open lab:desk true ok',
      ],
    );
    const scope = ['--who', 'ro*', '--machine', 'lab:*', '--action', 'approve', '--result', 'ok'];
    const found = JSON.parse(await output('audit', '--json', '--since', '1h', ...scope));
    const newest = (found as AuditRecord[])[0];
    assert.deepEqual([newest?.console, newest?.at], [id, fields[1]?.[0]]);
    const tomorrow = new Date(Date.now() + 86_400_000).toISOString();
    assert.equal(await output('audit', '--since', tomorrow), '');
  });

  it('reads the trail to its end, page by page, or as far as it is told', async () => {
    const list = { as: API_TOKENS.portal, body: { machine: 'lab:desk' } };
    const open = () => gateway.call('POST', '/consoles', list);
    for (let n = 0; n < 15; n += 1) await Promise.all(Array.from({ length: 15 }, open));
    const all = JSON.parse(await output('audit', '--action', 'open', '--json')) as AuditRecord[];
    assert.ok(all.length >= 225, `${all.length} entries`);
    assert.equal(new Set(all.map(({ id }) => id)).size, all.length);
    const lines = (await output('audit', '-a', 'open', '-n', '210')).trimEnd().split('\n');
    assert.equal(lines.length, 210);
  });

  for (const [args, expected] of [
    [['--action', 'opne'], /Allowed choices are login, /],
    [['--result', 'fine'], /Expected ok, refused or a code/],
    [['--since', 'yesterday'], /Expected a time such as/],
    [['--limit', '0'], /Expected a whole number/],
  ] as const) {
    it(`refuses audit ${args.join(' ')} with 2`, async () => {
      const { code, stderr } = await as(ADMIN, 'audit', ...args);
      assert.equal(code, 2);
      assert.match(stderr, expected);
    });
  }

  it('shows the audit trail to administrators alone', async () => {
    const { code, stdout, stderr } = await as(API_TOKENS.portal, 'audit');
    assert.deepEqual([code, stdout], [3, '']);
    assert.match(stderr, /\(forbidden\)$/m);
  });
});
