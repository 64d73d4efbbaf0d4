import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { before, describe, it } from 'mocha';
import { parse, parseAllDocuments } from 'yaml';
import { ConfigError, parseConfig } from '../../server/config.ts';
import { USUAL_COMMAND } from '../../server/kvm/container/command-template.ts';
import { podTemplate } from '../../server/kvm/kubernetes/pod.ts';
import type { Screen } from '../../server/kvm/runner.ts';
import { makeCertificate } from '../support/certificate.ts';
import { cleanUp } from '../support/dispose.ts';
import { startRedis } from '../support/redis.ts';
import type { ClusterFault } from '../simulators/kubernetes/cluster.ts';
import { type RunnerOptions, type RunnerPlace, TestHost, TestRunner } from './support/runners.ts';

const root = join(import.meta.dirname, '../..');
const read = (name: string): Promise<string> => readFile(join(root, name), 'utf8');

/** A fault of the cluster's, and what is said of it. */
const REFUSALS: readonly (readonly [ClusterFault, RegExp])[] = [
  ['forbidden', /may not do this in the namespace rackside-screens/],
  ['quota', /the quota of the namespace rackside-screens is used up/],
  ['image', /cannot fetch the image/],
  ['no-room', /no node of the cluster has room/],
  ['no-policy', /no network policy/],
];

describe('a screen elsewhere that cannot be had', function () {
  this.timeout(60_000);
  const suite = cleanUp();
  const each = cleanUp('each');
  let redis: string;

  before(async () => {
    ({ url: redis } = await suite.start(startRedis()));
  });

  const start = async (place: RunnerPlace, options: RunnerOptions = {}): Promise<Screen> => {
    const { runner } = await each.start(TestRunner.start(place, options));
    return runner.start({
      size: { width: 320, height: 240, depth: 24 },
      program: { command: () => ['sleep', '600'] },
      target: () => ({ host: '127.0.0.1', port: 1 }),
      onRefused: () => undefined,
      signal: new AbortController().signal,
    });
  };

  describe('in a container', () => {
    let host: TestHost;

    before(async () => {
      host = await suite.start(TestHost.start('container', redis));
    });

    const refused = async (options: RunnerOptions, message: RegExp): Promise<void> => {
      await assert.rejects(start(host.place, options), { status: 'kvm_unavailable', message });
      assert.deepEqual(await host.left(), []);
    };

    it('says that the image is not there, or that the program is not', async () => {
      await refused({ image: 'other:1' }, /the image of the screens, other:1, is not there/);
      await refused({ cli: ['no-such-program'] }, /no-such-program is not installed here/);
    });

    it('is refused with a network', async () => {
      const command = USUAL_COMMAND.map((word) =>
        word === '--network=none' ? '--network=host' : word,
      );
      await refused({ command }, /has a network/);
    });

    it('is asked for in so many words as the documentation has', async () => {
      await start(host.place);
      const [{ name, arguments: given } = { name: '', arguments: [] }] = await host.containers();
      const [, gateway = ''] = /^rackside-screen-([0-9a-f]{18})-[0-9a-f]{8}$/.exec(name) ?? [];
      const [block = ''] =
        /```yaml\nkvm:\n {2}runner: container[^]*?```/.exec(await read('docs/bmc-consoles.md')) ??
        [];
      const section = parse(block.replaceAll(/```(yaml)?/g, '')) as object;
      const { command, cli } = parseConfig(section, 'docs').kvm.container;
      assert.deepEqual(parseConfig({}, 'nothing').kvm.container.command, command);
      assert.deepEqual(cli, ['podman']);
      const values: Record<string, string> = {
        ...{
          name,
          gateway,
          image: 'rackside/screen:test',
          memory: '1024',
          files: '256',
          cpus: '2',
        },
        installation: /installation=([0-9a-f]{18})/.exec(given.join(' '))?.[1] ?? '?',
      };
      const filled = command.map((word) =>
        word.replaceAll(/\{(\w+)\}/g, (_all, key: string) => values[key] ?? '?'),
      );
      assert.deepEqual(['run', ...given], filled);
    });
  });

  describe('in a cluster', () => {
    for (const [fault, message] of REFUSALS) {
      it(`says why: ${fault}`, async () => {
        const host = await each.start(TestHost.start('kubernetes', redis));
        host.cluster?.faults.add(fault);
        const startMs = fault === 'no-room' ? 2000 : 30_000;
        const starting = start(host.place, { startMs });
        await assert.rejects(starting, { status: 'kvm_unavailable', message });
        assert.deepEqual(await host.left(), []);
      });
    }

    it('says that the API is not there, is another, or does not know the token', async () => {
      const host = await each.start(TestHost.start('kubernetes', redis));
      const { cluster } = host.place;
      assert.ok(cluster);
      const refused = (more: Partial<typeof cluster>, message: RegExp) =>
        assert.rejects(start({ ...host.place, cluster: { ...cluster, ...more } }), {
          ...{ status: 'kvm_unavailable', message },
        });
      await refused({ url: 'https://127.0.0.1:1' }, /cannot be reached \(ECONNREFUSED\)/);
      await refused({ tokenFile: '/nowhere/token' }, /\/nowhere\/token cannot be read \(ENOENT\)/);
      const other = `${cluster.caFile}.other`;
      await writeFile(other, (await makeCertificate()).cert);
      await refused({ caFile: other }, /a certificate that its CA has not signed/);
      await writeFile(other, 'stale');
      await refused({ tokenFile: other }, /does not accept the gateway's token/);
    });

    it('is had by watches that break off, the older way to run a command, and a new token', async () => {
      const host = await each.start(TestHost.start('kubernetes', redis));
      for (const fault of ['short-watch', 'old-exec'] as const) host.cluster?.faults.add(fault);
      const { runner } = await each.start(TestRunner.start(host.place));
      const spec = {
        size: { width: 320, height: 240, depth: 24 },
        program: { command: () => ['sleep', '600'] },
        target: () => ({ host: '127.0.0.1', port: 1 }),
        onRefused: () => undefined,
        signal: new AbortController().signal,
      } as const;
      await (await runner.start(spec)).stop();
      assert.deepEqual(host.cluster?.protocols, ['v4.channel.k8s.io']);
      await host.cluster.renewToken();
      await runner.start(spec);
      const [name = ''] = host.cluster.pods;
      const { spec: asked } = host.cluster.specOf(name);
      assert.deepEqual(asked.nodeSelector, { screens: 'yes' });
      assert.equal(asked.containers[0].resources.limits.memory, '1024Mi');
    });
  });
});

describe('the section kvm', () => {
  const faultOf = (kvm: object): string => {
    try {
      parseConfig({ kvm }, 'file');
      return 'none';
    } catch (error) {
      assert.ok(error instanceof ConfigError);
      return error.message;
    }
  };

  it('takes the templates of the examples', async () => {
    const template = await read('docs/examples/screen-pod.yaml');
    const { kvm } = parseConfig(
      { kvm: { runner: 'kubernetes', kubernetes: { template } } },
      'file',
    );
    assert.deepEqual(kvm.kubernetes?.template, podTemplate.parse(parse(template)));
    assert.equal(kvm.kubernetes.namespace, 'rackside-screens');
  });

  it('refuses what would lose a container or loosen a pod', () => {
    const command = ['run', '{image}', '{nmae}'];
    const said = faultOf({ container: { command } });
    assert.match(said, /unknown placeholder \{nmae\}/);
    for (const name of ['name', 'installation', 'gateway']) {
      assert.match(said, new RegExp(`expected \\{${name}\\} somewhere`));
    }
    assert.match(faultOf({ runner: 'kubernetes' }), /expected kvm\.kubernetes\.template/);
    const pod =
      'apiVersion: v1\nkind: Pod\nspec: { hostNetwork: true, containers: [{ name: screen, image: x }] }';
    assert.match(faultOf({ kubernetes: { template: pod } }), /spec: unknown key, expected one of/);
    const privileged = pod
      .replace('hostNetwork: true, ', '')
      .replace('image: x', 'image: x, securityContext: {}');
    assert.match(
      faultOf({ kubernetes: { template: privileged } }),
      /spec\.containers\.0: unknown key/,
    );
    for (const annotation of [
      'k8s.v1.cni.cncf.io/networks: all',
      'container.apparmor.security.beta.kubernetes.io/screen: unconfined',
      "sidecar.istio.io/inject: 'true'",
    ]) {
      const annotated = pod
        .replace('hostNetwork: true, ', '')
        .replace('spec:', `metadata: { annotations: { ${annotation} } }\nspec:`);
      assert.match(
        faultOf({ kubernetes: { template: annotated } }),
        /metadata\.annotations: unknown key, expected one of cluster-autoscaler/,
      );
    }
    const labelled = pod
      .replace('hostNetwork: true, ', '')
      .replace('spec:', "metadata: { labels: { sidecar.istio.io/inject: 'true' } }\nspec:");
    assert.match(
      faultOf({ kubernetes: { template: labelled } }),
      /metadata\.labels: expected labels without a prefix/,
    );
    assert.match(faultOf({ kubernetes: { template: 'a: [' } }), /is no valid YAML/);
    assert.match(faultOf({ kubernetes: { template: pod, url: 'http://api' } }), /expected https/);
  });

  it('has an example whose rights are those of the calls, and a policy without an exception', async () => {
    const documents = parseAllDocuments(await read('docs/examples/kubernetes.yaml'));
    const parts = documents.map((document) => document.toJS() as Record<string, unknown>);
    const of = (kind: string) => parts.find((part) => part['kind'] === kind);
    assert.deepEqual(of('NetworkPolicy')?.['spec'], {
      podSelector: {},
      policyTypes: ['Ingress', 'Egress'],
    });
    assert.deepEqual(of('Role')?.['rules'], [
      { apiGroups: [''], resources: ['pods'], verbs: ['create', 'get', 'list', 'watch', 'delete'] },
      { apiGroups: [''], resources: ['pods/exec'], verbs: ['create', 'get'] },
    ]);
  });
});
