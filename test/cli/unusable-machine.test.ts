import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { cleanUp } from '../support/dispose.ts';
import { API_TOKENS, TestGateway } from '../support/gateway.ts';
import { startRedis } from '../support/redis.ts';
import { runCli, runCliOnTerminal } from './support/run-cli.ts';

const WHY = 'metal: lost cannot be reached (ECONNREFUSED)';

describe('a machine whose console cannot be opened', function () {
  this.timeout(60_000);
  const suite = cleanUp();

  it('is listed with why, and its power is unknown for a reason', async () => {
    const redis = await suite.start(startRedis());
    const alike = { address: '127.0.0.1', port: 1, username: 'u', password: 'not-tried' };
    const alone = { ...alike, ipmi: { enabled: false } };
    const hosts = [
      { id: 'lost', ...alone },
      { id: 'page', ...alone, redfish: false, kvm: { driver: 'browser' } },
    ];
    const config = { providers: [{ id: 'metal', type: 'bmc', hosts }] };
    const guacd = { host: '127.0.0.1', port: 1 };
    const gateway = await suite.start(TestGateway.start({ redis, guacd, machines: [], config }));
    const env = { RACKSIDE_CLI_URL: gateway.url, RACKSIDE_CLI_TOKEN: API_TOKENS.portal };

    const listed = await runCli(['machines'], { env });
    const lines = listed.stdout.replace(/\n$/, '').split('\n');
    assert.deepEqual(lines, [
      `metal:lost\tlost\tserver\tdefault\tunknown\t\t${WHY}`,
      'metal:page\tpage\tserver\tdefault\tunknown\tkvm\t',
    ]);
    const table = await runCliOnTerminal(['machines'], [], { env });
    assert.match(table.stdout, /CONSOLES +STATE\r?\nmetal:lost .* unknown +metal: lost cannot be/);

    const { code, stdout, stderr } = await runCli(['power', 'lost'], { env });
    assert.deepEqual([code, stdout, stderr], [0, 'unknown\n', `${WHY}\n`]);
    const other = await runCli(['power', 'page'], { env });
    assert.deepEqual([other.code, other.stdout, other.stderr], [0, 'unknown\n', '']);
  });
});
