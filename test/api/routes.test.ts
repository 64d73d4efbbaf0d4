import assert from 'node:assert/strict';
import { before, describe, it } from 'mocha';
import { operations } from '../../server/contract/operations/index.ts';
import { cleanUp } from '../support/dispose.ts';
import { TestGateway } from '../support/gateway.ts';
import { type Route, routesOf } from '../support/routes.ts';
import { startRedis } from '../support/redis.ts';
import { makeTempDir } from '../support/temp-dir.ts';

/** What browsers are shown and load for it, not what programs call. */
const PAGES = [
  'GET /',
  'GET /account',
  'GET /audit',
  'GET /console/{id}',
  'GET /refused',
  'GET /api/docs',
  'GET /embed.js',
  'GET /embedding.json',
  // And what a BMC reads.
  'GET /images/{token}/{name}',
];

/** What GET uses up, or does not end: HEAD is routed by itself, to be refused. */
const REFUSED = [
  'HEAD /api/v1/consoles/{id}/events',
  'HEAD /launch',
  'HEAD /vnc.html',
  'HEAD /vnc_auto.html',
  'HEAD /vnc_lite.html',
  'HEAD /api/v1/login/oidc/{id}',
  'HEAD /api/v1/login/oidc/{id}/callback',
];

describe('the table of operations', () => {
  const suite = cleanUp();
  const documented: readonly Route[] = Object.values(operations).map(
    ({ method, path }) => `${method} ${path}`,
  );
  let routed: readonly Route[];

  before(async () => {
    const redis = await suite.start(startRedis());
    const hostkey = { servers: [{ id: '1', machine: 'lab:desk', pin: '0000', location: 'NL' }] };
    const guacd = { host: '127.0.0.1', port: 1 };
    const { path } = await suite.start(makeTempDir('tokens'));
    const providers = [
      { id: 'lab', type: 'static', machines: [] },
      { id: 'old', type: 'websockify', path, links: {} },
    ];
    const config = { hostkey, providers };
    const gateway = await suite.start(TestGateway.start({ redis, guacd, machines: [], config }));
    routed = await routesOf(gateway.url);
  });

  it('has every route of the gateway: what is routed is documented', () => {
    const known = new Set([...documented, ...PAGES, ...REFUSED]);
    assert.deepEqual(
      routed.filter((route) => !known.has(route)),
      [],
      'docs/architecture.md, "How to add a call"',
    );
  });

  it('has nothing else: what is documented is routed', () => {
    assert.deepEqual(
      [...documented, ...PAGES, ...REFUSED].filter((route) => !routed.includes(route)),
      [],
    );
  });

  it('has each call once', () => {
    assert.equal(new Set(documented).size, documented.length);
  });
});
