import { readFile, readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { USUAL_COMMAND } from '../../../server/kvm/container/command-template.ts';
import { Containers } from '../../../server/kvm/container/containers.ts';
import { podTemplate } from '../../../server/kvm/kubernetes/pod.ts';
import { Pods } from '../../../server/kvm/kubernetes/pods.ts';
import { type Carriers, LinkedRunner } from '../../../server/kvm/linked-runner.ts';
import { LocalRunner } from '../../../server/kvm/local/local-runner.ts';
import { createLogger } from '../../../server/log.ts';
import type { Redis } from '../../../server/platform/redis.ts';
import { Replicas } from '../../../server/platform/replicas.ts';
import { IMAGE_NAME, writeImage } from '../../simulators/containers/image.ts';
import { Cluster } from '../../simulators/kubernetes/cluster.ts';
import { connectRedis } from '../../support/redis.ts';
import { logBook } from '../../support/log-book.ts';
import { type TempDir, makeTempDir } from '../../support/temp-dir.ts';

export const RUNNERS = ['local', 'container', 'kubernetes'] as const;
export type RunnerKind = (typeof RUNNERS)[number];

/** Where the screens of a runner run, as another process can be told of it. */
export interface RunnerPlace {
  readonly kind: RunnerKind;
  /** Redis of the gateways. */
  readonly redis: string;
  /** Folder of the containers. */
  readonly state?: string;
  readonly cluster?: { url: string; caFile: string; tokenFile: string; namespace: string };
}

export interface RunnerOptions {
  readonly screens?: number;
  /** Instead of the usual ones. */
  readonly cli?: readonly string[];
  readonly command?: readonly string[];
  readonly image?: string;
  readonly startMs?: number;
}

const CLI = join(import.meta.dirname, '../../simulators/containers/container-cli.mjs');
const LIMITS = { memory: 1024, cpus: 2 };

/** A gateway's runner at a place, with its own Redis client. */
export class TestRunner {
  readonly runner: LocalRunner | LinkedRunner;
  readonly replicas: Replicas;
  readonly #redis: Redis;

  private constructor(runner: TestRunner['runner'], replicas: Replicas, redis: Redis) {
    this.runner = runner;
    this.replicas = replicas;
    this.#redis = redis;
  }

  static async start(place: RunnerPlace, options: RunnerOptions = {}): Promise<TestRunner> {
    const log = createLogger('debug', logBook.stream);
    const redis = await connectRedis(place.redis, log);
    const replicas = new Replicas(redis);
    return new TestRunner(create(place, replicas, options), replicas, redis);
  }

  async stop(): Promise<void> {
    await this.runner.stop();
    await this.#redis.stop();
  }
}

function create(
  { kind, state = '', cluster }: RunnerPlace,
  replicas: Replicas,
  {
    screens = 4,
    command = USUAL_COMMAND,
    image = IMAGE_NAME,
    startMs = 60_000,
    ...more
  }: RunnerOptions,
): TestRunner['runner'] {
  const log = createLogger('debug', logBook.stream);
  const each = { startMs, limits: LIMITS };
  const linked = (carriers: Carriers) =>
    new LinkedRunner({ carriers, screens, owner: replicas, log });
  if (kind === 'container') {
    const { cli = [process.execPath, CLI, state] } = more;
    return linked(new Containers({ ...each, cli, environment: {}, command, image }));
  }
  if (cluster) {
    const template = podTemplate.parse({
      ...{ apiVersion: 'v1', kind: 'Pod' },
      spec: { nodeSelector: { screens: 'yes' }, containers: [{ name: 'screen', image }] },
    });
    const url = new URL(cluster.url);
    return linked(new Pods({ ...cluster, ...each, url, template }));
  }
  return new LocalRunner({ isolation: 'bubblewrap', limits: LIMITS, screens, log });
}

/** What stands for docker, for a cluster, or for nothing, with its screens. */
export class TestHost {
  readonly place: RunnerPlace;
  readonly cluster: Cluster | undefined;
  readonly #dir: TempDir | undefined;

  private constructor(place: RunnerPlace, dir?: TempDir, cluster?: Cluster) {
    this.place = place;
    this.#dir = dir;
    this.cluster = cluster;
  }

  static async start(kind: RunnerKind, redis: string): Promise<TestHost> {
    if (kind === 'local') return new TestHost({ kind, redis });
    if (kind === 'container') {
      const dir = await makeTempDir('containers');
      await writeImage(dir.path);
      return new TestHost({ kind, redis, state: dir.path }, dir);
    }
    const cluster = await Cluster.start();
    const { url, caFile, tokenFile, namespace } = cluster;
    const told = { url: url.href, caFile, tokenFile, namespace };
    return new TestHost({ kind, redis, cluster: told }, undefined, cluster);
  }

  /** Containers, or pods; of the local runner folders, of gateways with this pid. */
  async left(pid = process.pid): Promise<string[]> {
    if (this.cluster) return this.cluster.pods;
    if (this.#dir) return (await this.containers()).map(({ name }) => name);
    const names = await readdir(tmpdir());
    const folders = names.filter((name) => name.startsWith(`rackside-kvm-${pid}-`));
    const all = await Promise.all(folders.map((name) => readdir(join(tmpdir(), name))));
    return all.flat().filter((name) => name !== 'marks');
  }

  /** What was asked for, of each container. */
  async containers(): Promise<{ name: string; arguments: string[]; pid: number | null }[]> {
    const folder = this.#dir?.path ?? this.cluster?.folder ?? '';
    const names = (await readdir(folder)).filter((name) => name.endsWith('.container.json'));
    const texts = await Promise.all(names.map((name) => readFile(join(folder, name), 'utf8')));
    return texts.map(
      (text) => JSON.parse(text) as { name: string; arguments: string[]; pid: number | null },
    );
  }

  async stop(): Promise<void> {
    await this.cluster?.stop();
    await this.#dir?.stop();
  }
}
