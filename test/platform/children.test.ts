import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLogger } from '../../server/log.ts';
import { startChild } from '../../server/platform/child-process.ts';
import { Leftovers, processStartTime } from '../../server/platform/leftovers.ts';
import { makeOwnedDir } from '../../server/platform/owned-dir.ts';
import { SupervisedChild } from '../../server/platform/supervised-child.ts';
import { cleanUp } from '../support/dispose.ts';
import { makeTempDir } from '../support/temp-dir.ts';
import { until } from '../support/until.ts';

const isAlive = (pid: number): boolean => processStartTime(pid) !== undefined;
const gone = (pid: number, what: string) => until(() => !isAlive(pid), { timeout: 5000, what });

describe('a child process', () => {
  const parts = cleanUp('each');

  it('ends with all that it has started, also when it does not want to', async () => {
    const script = 'trap "" TERM; sleep 1000 & echo "$!"; wait; wait';
    const child = await startChild({ name: 'stubborn', command: 'sh', args: ['-c', script] });
    const pid = Number(await until(() => child.output().trim(), { timeout: 5000, what: 'a pid' }));
    await Promise.all([child.stop(50), child.stop(50)]);
    await gone(pid, 'the grandchild to end');
    assert.equal((await child.exited).signal, 'SIGKILL');
  });

  it('sees nothing of our own environment', async () => {
    const child = await startChild({ name: 'env', command: 'env', args: [] });
    await child.exited;
    assert.deepEqual(
      child
        .output()
        .trim()
        .split('\n')
        .map((line) => line.split('=')[0]),
      ['PATH'],
    );
  });

  it('ends with its parent even when that is killed', async () => {
    const source = `
      import { startChild } from './server/platform/child-process.ts';
      const child = await startChild({ name: 'x', command: 'sleep', args: ['1000'] });
      console.log(child.pid);
      setInterval(() => undefined, 1000);`;
    const parent = parts.add(run(source));
    const [pid] = (await once(parent.process.stdout ?? parent.process, 'data')) as [Buffer];
    parent.process.kill('SIGKILL');
    await gone(Number(pid), 'the child to end');
  });
});

describe('a supervised child', () => {
  const parts = cleanUp('each');

  it('is started again when it dies, and not when it was stopped', async () => {
    const dir = parts.add(await makeTempDir('supervised'));
    const leftovers = new Leftovers(dir.path);
    await leftovers.sweep();
    const child = parts.add(
      new SupervisedChild({
        name: 'sleep',
        spec: async () => ({ name: 'sleep', command: 'sleep', args: ['1000'] }),
        isReady: async () => true,
        leftovers,
        log: createLogger('silent'),
      }),
    );
    await child.start();
    const first = child.pid ?? 0;
    process.kill(first, 'SIGKILL');
    const second = await until(() => child.ready && child.pid !== first && child.pid, {
      timeout: 5000,
      what: 'another child',
    });
    await child.stop();
    await gone(second, 'the second child to end');
    assert.deepEqual(await readdir(dir.path), []);
  });

  it('says what the child said when it does not come up', async () => {
    const dir = parts.add(await makeTempDir('supervised'));
    const child = parts.add(
      new SupervisedChild({
        name: 'broken',
        spec: async () => ({
          name: 'broken',
          command: 'sh',
          args: ['-c', 'echo no such port; exit 3'],
        }),
        isReady: async () => false,
        leftovers: new Leftovers(dir.path),
        log: createLogger('silent'),
      }),
    );
    await assert.rejects(child.start(), /broken did not come up: no such port/);
  });
});

describe('what a killed gateway left', () => {
  const parts = cleanUp('each');

  it('is ended at the next start, and a pid that is used again is not', async () => {
    const dir = parts.add(await makeTempDir('leftovers'));
    const sleeper = () => startChild({ name: 'sleep', command: 'sleep', args: ['1000'] });
    const [left, reused] = [parts.add(await sleeper()), parts.add(await sleeper())];
    const owner = { pid: 1, startedAt: 'never' };
    const mark = (pid: number, startedAt: unknown) => JSON.stringify({ pid, startedAt, owner });
    await writeFile(join(dir.path, 'left.json'), mark(left.pid, processStartTime(left.pid)));
    await writeFile(join(dir.path, 'reused.json'), mark(reused.pid, '1'));
    await writeFile(join(dir.path, 'torn.json'), '{"pid":');
    assert.deepEqual(await new Leftovers(dir.path).sweep(), ['left']);
    await left.exited;
    assert.equal(isAlive(reused.pid), true);
    assert.deepEqual(await readdir(dir.path), []);
  });

  it('is left alone while its gateway lives', async () => {
    const dir = parts.add(await makeTempDir('leftovers'));
    const gateway = parts.add(
      await startChild({ name: 'sleep', command: 'sleep', args: ['1000'] }),
    );
    const owner = { pid: gateway.pid, startedAt: processStartTime(gateway.pid) };
    await writeFile(join(dir.path, 'x.json'), JSON.stringify({ ...owner, owner }));
    await assert.rejects(
      new Leftovers(dir.path).sweep(),
      new RegExp(`in use by another gateway, pid ${gateway.pid}`),
    );
    assert.equal(isAlive(gateway.pid), true);
  });

  it('loses its temporary folders to the next of their kind', async () => {
    const kind = `test${process.pid}`;
    const dead = await mkdtemp(join(tmpdir(), `rackside-${kind}-1-never-`));
    await mkdir(join(dead, 'deep'));
    const made = [
      await makeOwnedDir(`${kind}-of-more`),
      await makeOwnedDir(kind),
      await makeOwnedDir(kind),
    ];
    parts.add(() => Promise.all(made.map((dir) => dir.remove())));
    const paths = [dead, ...made.map((dir) => dir.path)];
    assert.deepEqual(
      paths.map((path) => existsSync(path)),
      [false, true, true, true],
    );
  });
});

function run(source: string): { process: ChildProcess; stop(): void } {
  const args = ['--import', 'tsx', '--input-type=module', '--eval', source];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  return { process: child, stop: () => child.kill('SIGKILL') };
}
