import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { parseConfig } from '../../server/config.ts';
import { isLoopback } from '../../server/platform/loopback.ts';

describe('what stays on this machine', () => {
  it('is localhost and the addresses of loopback', () => {
    for (const host of ['localhost', '127.0.0.1', '127.8.9.10', '::1', '[::1]'])
      assert.ok(isLoopback(host), host);
  });

  it('is no name that only begins like one, and no other address', () => {
    for (const host of [
      ...['localhost.evil.invalid', '127.evil.invalid', '127.0.0.1.evil.invalid', 'localhosts'],
      ...['127.1', '128.0.0.1', '::10', '[::1', '0.0.0.0', ''],
    ])
      assert.ok(!isLoopback(host), host);
  });

  it('is the only place to which a token goes by plain http', () => {
    const section = (url: string) => [
      { id: 'hz', type: 'hetzner', apiToken: 'x', baseUrl: `${url}/v1` },
      { id: 'pve', type: 'proxmox', token: 'anna@pve!gate=0-0', url },
    ];
    for (const url of ['http://localhost:1', 'http://127.0.0.1:1', 'http://[::1]:1']) {
      assert.equal(parseConfig({ providers: section(url) }, 'it').providers.length, 2);
    }
    for (const host of ['localhost.evil.invalid', '127.evil.invalid', '127.0.0.1.evil.invalid']) {
      for (const provider of section(`http://${host}:8006`)) {
        assert.throws(
          () => parseConfig({ providers: [provider] }, 'it'),
          /expected https: the (API token|password or token) on its way would be readable/,
          host,
        );
      }
    }
  });
});
