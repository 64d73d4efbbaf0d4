import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { type Server, createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import { text } from 'node:stream/consumers';
import { writeFile } from 'node:fs/promises';
import { type WebSocket, WebSocketServer } from 'ws';
import { makeCertificate } from '../../support/certificate.ts';
import { type TempDir, inTempDir } from '../../support/temp-dir.ts';
import { until } from '../../support/until.ts';
import { writeImage } from '../containers/image.ts';
import { type StrictPod, strictPod } from './pod-schema.ts';

export type ClusterFault =
  | 'image'
  | 'quota'
  | 'forbidden'
  | 'no-room'
  | 'no-policy'
  | 'short-watch'
  | 'old-exec';

interface RunningPod {
  readonly pod: StrictPod;
  readonly version: () => number;
  state: object;
  phase: string;
  child: ChildProcess | undefined;
}

const CLI = join(import.meta.dirname, '../containers/container-cli.mjs');
const EXEC = ['socat', '-b65536', '-', 'UNIX-CONNECT:/tmp/link,retry=100,interval=0.1'];

/**
 * One namespace of a cluster: pods by its API over TLS, each of which runs as test/simulators/containers has
 * it. It refuses what a cluster refuses, and what the gateway's role does not allow.
 */
export class Cluster {
  readonly namespace = 'rackside-screens';
  readonly faults = new Set<ClusterFault>();
  readonly caFile: string;
  readonly tokenFile: string;
  /** What was asked, without the query. */
  readonly calls: string[] = [];
  /** Subprotocols of the commands that were run. */
  readonly protocols: string[] = [];
  readonly #dir: TempDir;
  readonly #server: Server;
  readonly #sockets = new Set<Duplex>();
  readonly #upgrades = new WebSocketServer({
    noServer: true,
    handleProtocols: (offered) => this.#choose(offered),
  });
  readonly #pods = new Map<string, RunningPod>();
  readonly #watchers = new Set<{ name: string; answer: ServerResponse }>();
  #token = randomBytes(16).toString('hex');
  #version = 100;

  private constructor(dir: TempDir, { key, cert }: { key: string; cert: string }) {
    this.#dir = dir;
    this.caFile = join(dir.path, 'ca.crt');
    this.tokenFile = join(dir.path, 'token');
    this.#server = createServer({ key, cert }, (asked, answer) => {
      this.#answer(asked, answer).catch((error: unknown) => answer.destroy(error as Error));
    });
    this.#server.on('upgrade', (asked, socket, head) => this.#upgrade(asked, socket, head));
    this.#server.on('connection', (socket: Duplex) => {
      this.#sockets.add(socket);
      socket.once('close', () => this.#sockets.delete(socket));
    });
  }

  static start(): Promise<Cluster> {
    return inTempDir('cluster', async (dir) => {
      const certificate = await makeCertificate();
      const cluster = new Cluster(dir, certificate);
      await writeFile(cluster.caFile, certificate.cert);
      await cluster.renewToken();
      await writeImage(dir.path);
      cluster.#server.listen(0, '127.0.0.1');
      await once(cluster.#server, 'listening');
      return cluster;
    });
  }

  get url(): URL {
    return new URL(`https://127.0.0.1:${(this.#server.address() as AddressInfo).port}`);
  }

  /** Where its containers are. */
  get folder(): string {
    return this.#dir.path;
  }

  /** Names of the pods that are there. */
  get pods(): string[] {
    return [...this.#pods.keys()];
  }

  /** What was asked for, of one of them. */
  specOf(name: string): StrictPod {
    const found = this.#pods.get(name);
    assert.ok(found);
    return found.pod;
  }

  /** As a cluster does every hour. */
  async renewToken(): Promise<void> {
    this.#token = randomBytes(16).toString('hex');
    await writeFile(this.tokenFile, `${this.#token}\n`);
  }

  async stop(): Promise<void> {
    for (const name of this.pods) await this.#end(name);
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
    await this.#dir.stop();
  }

  async #answer(asked: IncomingMessage, answer: ServerResponse): Promise<void> {
    const url = new URL(asked.url ?? '', this.url);
    const call = `${asked.method} ${url.pathname}`;
    this.calls.push(call);
    const refuse = (code: number, reason: string, message: string): void => {
      const status = { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure' };
      send(answer, code, { ...status, code, reason, message });
    };
    if (asked.headers.authorization !== `Bearer ${this.#token}`) {
      refuse(401, 'Unauthorized', 'Unauthorized');
      return;
    }
    const pods = `/api/v1/namespaces/${this.namespace}/pods`;
    const name = url.pathname.startsWith(`${pods}/`) ? url.pathname.slice(pods.length + 1) : '';
    if (!url.pathname.startsWith(pods) || this.faults.has('forbidden')) {
      const message = `pods is forbidden: User "system:serviceaccount:rackside:gateway" cannot ${call}`;
      refuse(403, 'Forbidden', message);
      return;
    }
    const pod = this.#pods.get(name);
    if (name && !pod) {
      refuse(404, 'NotFound', `pods "${name}" not found`);
      return;
    }
    if (asked.method === 'POST' && !name) {
      const parsed = strictPod.safeParse(JSON.parse(await text(asked)));
      if (asked.headers['content-type'] !== 'application/json')
        refuse(415, 'Unsupported', 'no JSON');
      else if (!parsed.success) refuse(422, 'Invalid', parsed.error.message);
      else if (this.faults.has('quota')) {
        refuse(
          403,
          'Forbidden',
          'pods "x" is forbidden: exceeded quota: screens, requested: pods=1',
        );
      } else send(answer, 201, this.#view(this.#create(parsed.data)));
    } else if (asked.method === 'GET' && pod) send(answer, 200, this.#view(pod));
    else if (asked.method === 'GET') this.#list(url.searchParams, answer);
    else if (asked.method === 'DELETE' && pod) {
      await this.#end(name);
      send(answer, 200, this.#view(pod));
    } else refuse(405, 'MethodNotAllowed', call);
  }

  #list(query: URLSearchParams, answer: ServerResponse): void {
    const known = ['labelSelector', 'watch', 'fieldSelector', 'resourceVersion', 'timeoutSeconds'];
    assert.deepEqual(
      [...query.keys()].filter((key) => !known.includes(key)),
      [],
    );
    if (query.get('watch') !== 'true') {
      const [, key = '', value] = /^([\w.]+)=(\w+)$/.exec(query.get('labelSelector') ?? '') ?? [];
      const items = [...this.#pods.values()].filter(
        ({ pod }) => pod.metadata.labels[key] === value,
      );
      send(answer, 200, { kind: 'PodList', items: items.map((pod) => this.#view(pod)) });
      return;
    }
    const [, name = ''] = /^metadata\.name=(\S+)$/.exec(query.get('fieldSelector') ?? '') ?? [];
    answer.writeHead(200, { 'content-type': 'application/json' }).flushHeaders();
    if (this.faults.has('short-watch')) {
      const object = { kind: 'Status', code: 410, message: 'too old resource version' };
      answer.end(`${JSON.stringify({ type: 'ERROR', object })}\n`);
      return;
    }
    const watcher = { name, answer };
    this.#watchers.add(watcher);
    answer.once('close', () => this.#watchers.delete(watcher));
    const pod = this.#pods.get(name);
    if (!pod || pod.version() > Number(query.get('resourceVersion'))) this.#tell(name);
  }

  #create(pod: StrictPod): RunningPod {
    const { name } = pod.metadata;
    let version = (this.#version += 1);
    const running: RunningPod = {
      ...{ pod, phase: 'Pending', state: {}, child: undefined, version: () => version },
    };
    const become = (phase: string, state: object): void => {
      if (this.#pods.get(name) !== running) return;
      version = this.#version += 1;
      Object.assign(running, { phase, state });
      this.#tell(name);
    };
    this.#pods.set(name, running);
    if (this.faults.has('image')) {
      const waiting = { reason: 'ErrImagePull', message: 'not found' };
      setImmediate(() => become('Pending', { waiting }));
    } else if (!this.faults.has('no-room')) this.#run(running, become);
    return running;
  }

  /** What a kubelet does. */
  #run(running: RunningPod, become: (phase: string, state: object) => void): void {
    const { metadata, spec } = running.pod;
    const [container] = spec.containers;
    const [files, shared] = spec.volumes.map(({ emptyDir }) =>
      emptyDir.sizeLimit.replace('Mi', 'm'),
    );
    const { runAsUser, runAsGroup } = spec.securityContext;
    const child = spawn(
      process.execPath,
      [
        ...[CLI, this.#dir.path, 'run', '--rm', `--name=${metadata.name}`],
        `--network=${this.faults.has('no-policy') ? 'host' : 'none'}`,
        ...['--read-only', `--user=${runAsUser}:${runAsGroup}`, '--cap-drop=ALL'],
        ...[`--tmpfs=/tmp:rw,nosuid,nodev,mode=1777,size=${files}`, `--shm-size=${shared}`],
        ...[container.image, ...container.args],
      ],
      { stdio: ['ignore', 'ignore', 'inherit'] },
    );
    running.child = child;
    const file = join(this.#dir.path, `${metadata.name}.container.json`);
    const hasStarted = () => existsSync(file) && /"pid":\d+/.test(readFileSync(file, 'utf8'));
    until(hasStarted, { timeout: 20_000, what: 'a container' }).then(
      () => become('Running', { running: { startedAt: new Date() } }),
      () => become('Failed', { terminated: { exitCode: 128, reason: 'StartError' } }),
    );
    child.once('exit', (code) => {
      const terminated = { exitCode: code ?? 137, reason: code === 0 ? 'Completed' : 'Error' };
      become(code === 0 ? 'Succeeded' : 'Failed', { terminated });
    });
  }

  async #end(name: string): Promise<void> {
    const running = this.#pods.get(name);
    this.#pods.delete(name);
    this.#tell(name, running);
    const { child } = running ?? {};
    if (!child || child.exitCode !== null) return;
    const removal = spawn(process.execPath, [CLI, this.#dir.path, 'rm', '--force', name]);
    await once(removal, 'exit');
    await until(() => child.exitCode !== null, { timeout: 10_000, what: 'the end of a pod' });
  }

  #tell(name: string, deleted?: RunningPod): void {
    const pod = this.#pods.get(name) ?? deleted;
    if (!pod) return;
    const event = { type: deleted ? 'DELETED' : 'MODIFIED', object: this.#view(pod) };
    for (const watcher of this.#watchers) {
      if (watcher.name === name) watcher.answer.write(`${JSON.stringify(event)}\n`);
    }
  }

  #view({ pod, phase, state, version }: RunningPod): object {
    const scheduled = this.faults.has('no-room')
      ? { status: 'False', reason: 'Unschedulable', message: '0/3 nodes are available' }
      : { status: 'True' };
    return {
      ...pod,
      metadata: { ...pod.metadata, resourceVersion: String(version()) },
      status: {
        phase,
        conditions: [{ type: 'PodScheduled', ...scheduled }],
        containerStatuses: [{ name: 'screen', state }],
      },
    };
  }

  #choose(offered: ReadonlySet<string>): string | false {
    const known = this.faults.has('old-exec')
      ? ['v4.channel.k8s.io']
      : ['v5.channel.k8s.io', 'v4.channel.k8s.io'];
    return known.find((protocol) => offered.has(protocol)) ?? false;
  }

  #upgrade(asked: IncomingMessage, socket: Duplex, head: Buffer): void {
    const url = new URL(asked.url ?? '', this.url);
    this.calls.push(`${asked.method} ${url.pathname}`);
    const [, name = ''] = /\/pods\/([^/]+)\/exec$/.exec(url.pathname) ?? [];
    const { searchParams: query } = url;
    const streams = ['stdin', 'stdout', 'stderr'].every((stream) => query.get(stream) === 'true');
    const allowed =
      asked.headers.authorization === `Bearer ${this.#token}` &&
      this.#pods.get(name)?.phase === 'Running' &&
      query.get('container') === 'screen' &&
      streams &&
      JSON.stringify(query.getAll('command')) === JSON.stringify(EXEC);
    if (!allowed) {
      socket.end('HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n');
      return;
    }
    this.#upgrades.handleUpgrade(asked, socket, head, (connection) => this.#exec(name, connection));
  }

  /** Channels are the first byte of each message; version 5 tells the end of one by 255. */
  #exec(name: string, connection: WebSocket): void {
    this.protocols.push(connection.protocol);
    const child = spawn(
      process.execPath,
      [CLI, this.#dir.path, 'exec', '--interactive', name, ...EXEC],
      { stdio: ['pipe', 'pipe', 'pipe'] },
    );
    const forward = (channel: number) => (chunk: Buffer) =>
      connection.send(Buffer.concat([Buffer.of(channel), chunk]));
    child.stdout.on('data', forward(1));
    child.stderr.on('data', forward(2));
    child.stdin.on('error', () => undefined);
    connection.on('error', () => undefined);
    connection.on('message', (data: Buffer, isBinary) => {
      assert.ok(isBinary);
      if (data[0] === 0) child.stdin.write(data.subarray(1));
      else if (data[0] === 255 && connection.protocol.startsWith('v5')) child.stdin.end();
      else connection.close(1002);
    });
    connection.once('close', () => child.stdin.end());
    child.once('close', (code) => {
      const status = code === 0 ? { status: 'Success' } : { status: 'Failure', message: `${code}` };
      forward(3)(Buffer.from(JSON.stringify({ metadata: {}, ...status })));
      connection.close(1000);
    });
  }
}

function send(answer: ServerResponse, status: number, body: object): void {
  answer.writeHead(status, { 'content-type': 'application/json' });
  answer.end(JSON.stringify(body));
}
