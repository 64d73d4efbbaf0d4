import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { cp, mkdir, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { makeTempDir } from '../support/temp-dir.ts';

const root = join(import.meta.dirname, '../..');

interface Planted {
  readonly file: string;
  readonly imports: string;
}

const FORBIDDEN: readonly Planted[] = [
  { file: 'server/contract/planted.ts', imports: '../errors.ts' },
  { file: 'server/contract/planted-node.ts', imports: 'node:crypto' },
  { file: 'server/contract/operations/planted.ts', imports: '../../errors.ts' },
  { file: 'server/contract/operations/planted-node.ts', imports: 'node:crypto' },
  { file: 'server/contract/planted-redis.ts', imports: '@node-redis/client' },
  { file: 'server/gateway-client/planted-api.ts', imports: '../api/app.ts' },
  { file: 'server/gateway-client/planted-errors.ts', imports: '../errors.ts' },
  { file: 'server/gateway-client/planted-node.ts', imports: 'node:crypto' },
  { file: 'server/gateway-client/planted-environment.ts', imports: 'node:process' },
  { file: 'server/gateway-client/planted-redis.ts', imports: '@node-redis/client' },
  { file: 'server/cli/planted-main.ts', imports: '../main.ts' },
  { file: 'server/consoles/planted-api.ts', imports: '../api/app.ts' },
  { file: 'server/consoles/deep/planted-api.ts', imports: '../../api/app.ts' },
  { file: 'server/consoles/planted-tunnel.ts', imports: '../tunnel/relay.ts' },
  { file: 'server/consoles/planted-bridge.ts', imports: '../bridges/websocket.ts' },
  { file: 'server/consoles/planted-express.ts', imports: 'express' },
  { file: 'server/consoles/planted-session.ts', imports: 'express-session' },
  { file: 'server/consoles/planted-ws.ts', imports: 'ws' },
  { file: 'server/consoles/planted-lite.ts', imports: 'guacamole-lite' },
  { file: 'server/consoles/planted-provider.ts', imports: '../providers/static/index.ts' },
  { file: 'server/consoles/planted-registry.ts', imports: '../providers/registry.ts' },
  { file: 'server/consoles/planted-store.ts', imports: '@node-redis/client' },
  { file: 'server/consoles/planted-redis.ts', imports: '../providers/static/index.ts' },
  { file: 'server/consoles/planted-composition.ts', imports: '../composition/base.ts' },
  { file: 'server/api/planted-composition.ts', imports: '../composition/base.ts' },
  { file: 'server/close-calls/planted-api.ts', imports: '../api/app.ts' },
  { file: 'server/close-calls/planted-tunnel.ts', imports: '../tunnel/relay.ts' },
  { file: 'server/close-calls/planted-redis.ts', imports: '@node-redis/client' },
  { file: 'server/consoles/planted-audit.ts', imports: '../audit/audit-stream.ts' },
  { file: 'server/audit/planted-api.ts', imports: '../api/app.ts' },
  { file: 'server/audit/planted-consoles.ts', imports: '../consoles/console.ts' },
  { file: 'server/audit/planted-express.ts', imports: 'express' },
  { file: 'server/audit/planted-redis.ts', imports: '@node-redis/client' },
  { file: 'server/inventory/planted-api.ts', imports: '../api/app.ts' },
  { file: 'server/inventory/planted-consoles.ts', imports: '../consoles/console.ts' },
  { file: 'server/inventory/planted-static.ts', imports: '../providers/static/index.ts' },
  { file: 'server/inventory/planted-redis.ts', imports: '@node-redis/client' },
  { file: 'server/providers/planted-inventory.ts', imports: '../inventory/inventory.ts' },
  { file: 'server/providers/planted.ts', imports: '../api/app.ts' },
  { file: 'server/providers/static/planted-api.ts', imports: '../../api/app.ts' },
  { file: 'server/providers/static/planted-consoles.ts', imports: '../../consoles/open.ts' },
  {
    file: 'server/providers/static/planted-tunnel-port.ts',
    imports: '../../consoles/tunnel-port.ts',
  },
  { file: 'server/providers/static/planted-tunnel.ts', imports: '../../tunnel/relay.ts' },
  { file: 'server/providers/static/planted-sibling.ts', imports: '../ovirt/client.ts' },
  { file: 'server/providers/static/planted-bridge.ts', imports: '../../bridges/vencrypt/tls.ts' },
  { file: 'server/providers/static/planted-kvm.ts', imports: '../../kvm/drivers/idrac.ts' },
  { file: 'server/providers/static/planted-redis.ts', imports: '@node-redis/client' },
  { file: 'server/bridges/planted-api.ts', imports: '../api/app.ts' },
  { file: 'server/bridges/planted-provider.ts', imports: '../providers/static/schema.ts' },
  { file: 'server/bridges/vencrypt/planted.ts', imports: '../sol/session.ts' },
  { file: 'server/kvm/planted-consoles.ts', imports: '../consoles/open.ts' },
  { file: 'server/kvm/planted-tunnel.ts', imports: '../tunnel/relay.ts' },
  { file: 'server/kvm/drivers/planted.ts', imports: '../../bridges/vencrypt/tls.ts' },
  { file: 'server/tunnel/planted-express.ts', imports: 'express' },
  { file: 'server/tunnel/planted-api.ts', imports: '../api/app.ts' },
  { file: 'server/tunnel/planted-lite.ts', imports: 'guacamole-lite' },
  { file: 'server/tunnel/planted-lite-deep.ts', imports: 'guacamole-lite/lib/GuacdClient.js' },
  { file: 'server/tunnel/planted-redis.ts', imports: '@node-redis/client' },
  { file: 'server/api/planted-lite.ts', imports: 'guacamole-lite' },
  { file: 'server/api/planted-oidc.ts', imports: 'openid-client' },
  { file: 'server/auth/planted-ldap.ts', imports: 'ldapts' },
  { file: 'server/config/planted-oidc.ts', imports: 'openid-client' },
  { file: 'server/consoles/planted-oidc.ts', imports: 'openid-client' },
  { file: 'server/tunnel/planted-metrics.ts', imports: 'prom-client' },
  { file: 'server/api/planted-metrics.ts', imports: 'prom-client' },
  { file: 'server/consoles/planted-metrics.ts', imports: 'prom-client' },
  { file: 'server/planted-metrics.ts', imports: 'prom-client' },
  { file: 'server/metrics/planted-express.ts', imports: 'express' },
  { file: 'server/metrics/planted-redis.ts', imports: '@node-redis/client' },
  { file: 'server/tunnel/planted-ldap.ts', imports: 'ldapts' },
  { file: 'server/planted-ldap.ts', imports: 'ldapts' },
  { file: 'server/api/planted-main.ts', imports: '../main.ts' },
  { file: 'server/api/planted-client.ts', imports: '../../client/src/main.ts' },
  { file: 'server/log/planted-main.ts', imports: '../main.ts' },
  { file: 'server/planted-main.ts', imports: './main.ts' },
  { file: 'server/planted-redis.ts', imports: '@node-redis/client' },
  { file: 'server/planted-environment.ts', imports: 'node:process' },
  { file: 'server/main.ts', imports: 'guacamole-lite' },
  { file: 'client/src/planted-server.ts', imports: '../../server/errors.ts' },
  { file: 'client/src/display/planted-server.ts', imports: '../../../server/tunnel/relay.ts' },
  { file: 'client/src/planted-node.ts', imports: 'node:fs' },
];

const ALLOWED: readonly Planted[] = [
  { file: 'server/cli.ts', imports: './main.ts' },
  { file: 'server/contract/allowed.ts', imports: 'zod' },
  { file: 'server/gateway-client/allowed.ts', imports: '../contract/index.ts' },
  { file: 'server/gateway-client/allowed-own.ts', imports: './gateway-client-error.ts' },
  { file: 'server/contract/operations/allowed.ts', imports: '../status.ts' },
  { file: 'server/contract/allowed-own.ts', imports: './status.ts' },
  { file: 'server/consoles/allowed-port.ts', imports: '../providers/provider.ts' },
  { file: 'server/consoles/allowed-audit.ts', imports: '../audit/audit.ts' },
  { file: 'server/audit/allowed.ts', imports: '../platform/redis.ts' },
  { file: 'server/consoles/allowed-contract.ts', imports: '../contract/index.ts' },
  { file: 'server/consoles/redis-allowed.ts', imports: '@node-redis/client' },
  { file: 'server/platform/allowed.ts', imports: '@node-redis/client' },
  { file: 'server/auth/allowed.ts', imports: '@node-redis/client' },
  { file: 'server/api/allowed-store.ts', imports: 'connect-redis' },
  { file: 'server/api/allowed.ts', imports: '../consoles/open.ts' },
  { file: 'server/inventory/allowed-port.ts', imports: '../providers/provider.ts' },
  { file: 'server/inventory/allowed.ts', imports: '../platform/redis.ts' },
  { file: 'server/providers/static/allowed-port.ts', imports: '../provider.ts' },
  { file: 'server/providers/static/allowed-own.ts', imports: './schema.ts' },
  { file: 'server/providers/static/allowed-bridge.ts', imports: '../../bridges/vencrypt/index.ts' },
  { file: 'server/providers/allowed.ts', imports: './static/index.ts' },
  { file: 'server/auth/remote/oidc-provider.ts', imports: 'openid-client' },
  { file: 'server/auth/remote/ldap-connection.ts', imports: 'ldapts' },
  { file: 'server/tunnel/guacamole-lite.ts', imports: 'guacamole-lite' },
  { file: 'server/metrics/allowed.ts', imports: 'prom-client' },
  { file: 'server/tunnel/allowed.ts', imports: './guacamole-lite.ts' },
  { file: 'client/src/allowed.ts', imports: '../../server/contract/index.ts' },
  {
    file: 'client/src/allowed-client.ts',
    imports: '../../server/gateway-client/gateway-client.ts',
  },
  { file: 'client/src/allowed-npm.ts', imports: 'preact' },
  { file: 'client/vite.config.ts', imports: 'node:path' },
  { file: 'test/allowed.ts', imports: '../server/main.ts' },
];

interface Diagnostic {
  readonly code: string;
  readonly message: string;
  readonly help?: string;
  readonly filename: string;
}

/** Lints a folder that has the project's own lint config and these files in it, and nothing else. */
async function lint(files: Readonly<Record<string, string>>): Promise<Diagnostic[]> {
  const dir = await makeTempDir('lint');
  const folder = dir.path;
  try {
    for (const name of ['.oxlintrc.json', 'tsconfig.json']) {
      await cp(join(root, name), join(folder, name));
    }
    await symlink(join(root, 'node_modules'), join(folder, 'node_modules'));
    for (const [file, text] of Object.entries(files)) {
      await mkdir(dirname(join(folder, file)), { recursive: true });
      await writeFile(join(folder, file), text);
    }
    const output = await new Promise<string>((resolve, reject) => {
      const oxlint = join(root, 'node_modules/.bin/oxlint');
      execFile(oxlint, ['--format', 'json'], { cwd: folder }, (error, stdout, stderr) => {
        // 1 is "found something"; anything else, or no report, is a linter that did not run.
        if (stdout === '') reject(new Error(stderr, { cause: error }));
        else resolve(stdout);
      });
    });
    return (JSON.parse(output) as { diagnostics: Diagnostic[] }).diagnostics;
  } finally {
    await dir.stop();
  }
}

describe('lint', () => {
  describe('import boundaries', () => {
    let diagnostics: Diagnostic[];

    before(async () => {
      diagnostics = await lint(
        Object.fromEntries(
          [...FORBIDDEN, ...ALLOWED].map(({ file, imports }) => [file, `import '${imports}';\n`]),
        ),
      );
    });

    const boundaryErrors = (file: string) =>
      diagnostics.filter(
        (diagnostic) =>
          diagnostic.filename.endsWith(file) &&
          diagnostic.code === 'eslint(no-restricted-imports)' &&
          `${diagnostic.message} ${diagnostic.help ?? ''}`.includes('boundary: '),
      );

    for (const { file, imports } of FORBIDDEN) {
      it(`${file} must not import ${imports}`, () => {
        assert.equal(boundaryErrors(file).length, 1);
      });
    }

    for (const { file, imports } of ALLOWED) {
      it(`${file} may import ${imports}`, () => {
        assert.deepEqual(boundaryErrors(file), []);
      });
    }
  });

  it('sees a boundary in a type, an export and a dynamic import too', async () => {
    const diagnostics = await lint({
      'server/consoles/type.ts':
        "import type { App } from '../api/app.ts';\nexport type A = App;\n",
      'server/consoles/export.ts': "export * from '../api/app.ts';\n",
      'server/consoles/dynamic.ts': "export const app = import('../api/app.ts');\n",
    });
    assert.deepEqual(
      diagnostics
        .filter(({ code }) => code === 'eslint(no-restricted-imports)')
        .map(({ filename }) => filename)
        .toSorted(),
      ['server/consoles/dynamic.ts', 'server/consoles/export.ts', 'server/consoles/type.ts'],
    );
  });

  it('lets only the configuration read the environment', async () => {
    const text = 'export const home = process.env;\n';
    const diagnostics = await lint({
      'server/config.ts': text,
      'server/config/environment.ts': text,
      'server/log.ts': text,
      'server/api/app.ts': text,
    });
    assert.deepEqual(
      diagnostics
        .filter(({ code }) => code === 'node(no-process-env)')
        .map(({ filename }) => filename)
        .toSorted(),
      ['server/api/app.ts', 'server/log.ts'],
    );
  });

  it('knows types: a floating promise, a forgotten case and an any are errors', async () => {
    const diagnostics = await lint({
      'server/floating.ts': 'export function f(): void {\n  Promise.resolve(1);\n}\n',
      'server/case.ts':
        "export function f(a: 'x' | 'y'): void {\n  switch (a) {\n    case 'x':\n      f(a);\n  }\n}\n",
      'server/any.ts': 'export const a: any = 1;\n',
    });
    assert.deepEqual(diagnostics.map(({ code, filename }) => `${filename} ${code}`).toSorted(), [
      'server/any.ts typescript(no-explicit-any)',
      'server/case.ts typescript(switch-exhaustiveness-check)',
      'server/floating.ts typescript(no-floating-promises)',
    ]);
  });
});
