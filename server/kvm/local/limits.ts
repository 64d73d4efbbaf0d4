import { existsSync } from 'node:fs';
import { mkdir, readFile, readdir, rmdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isAbandoned, ownerName } from '../../platform/owned-dir.ts';
import type { ScreenLimits } from '../runner.ts';

const ROOT = '/sys/fs/cgroup';
const PARENT = 'rackside-kvm';
const PREFIX = 'screen-';
const TASKS = 1024;
const PERIOD_US = 100_000;
const MIB = 1024 * 1024;
/** What is killed may take its time to end on a busy machine: 10 s. */
const REMOVE_TRIES = 500;

/** A control group for one screen, in one tree (version 2) or in one for each controller. */
export interface ControlGroup {
  /** How a command is started in it. */
  readonly prefix: readonly string[];
  /** Kills what is left in it and removes it. Idempotent. */
  remove(): Promise<void>;
}

type Files = Readonly<Record<string, string>>;

function layout({ memory, cpus }: ScreenLimits): readonly { tree: string; files: Files }[] {
  const bytes = String(memory * MIB);
  const quota = String(Math.round(cpus * PERIOD_US));
  if (existsSync(join(ROOT, 'cgroup.controllers'))) {
    const cpu = `${quota} ${PERIOD_US}`;
    const files = { 'memory.max': bytes, 'pids.max': String(TASKS), 'cpu.max': cpu };
    return [{ tree: ROOT, files }];
  }
  return [
    { tree: join(ROOT, 'memory'), files: { 'memory.limit_in_bytes': bytes } },
    { tree: join(ROOT, 'pids'), files: { 'pids.max': String(TASKS) } },
    { tree: join(ROOT, 'cpu'), files: { 'cpu.cfs_quota_us': quota } },
  ];
}

/** Null where the machine gives us none: who is not root, and most containers. */
export async function makeControlGroup(
  name: string,
  limits: ScreenLimits,
): Promise<ControlGroup | null> {
  const made: string[] = [];
  const remove = async (): Promise<void> => {
    for (const path of made.splice(0)) await removeGroup(path);
  };
  try {
    for (const { tree, files } of layout(limits)) {
      const parent = join(tree, PARENT);
      await mkdir(parent, { recursive: true });
      if (tree === ROOT)
        await writeFile(join(parent, 'cgroup.subtree_control'), '+memory +pids +cpu');
      const path = join(parent, `${PREFIX}${ownerName()}-${name}`);
      await mkdir(path);
      made.push(path);
      for (const [file, value] of Object.entries(files)) await writeFile(join(path, file), value);
    }
  } catch {
    await remove();
    return null;
  }
  // A process that is moved takes along what it starts afterwards.
  const enter = 'for g; do [ "$g" = -- ] && break; echo $$ > "$g/cgroup.procs"; shift; done';
  return { prefix: ['sh', '-c', `${enter}; shift; exec "$@"`, 'enter', ...made, '--'], remove };
}

/** Removes the groups of gateways that are gone. */
export async function sweepControlGroups(): Promise<void> {
  for (const { tree } of layout({ memory: 1, cpus: 1 })) {
    const parent = join(tree, PARENT);
    for (const name of await readdir(parent).catch(() => [])) {
      if (isAbandoned(name, PREFIX)) await removeGroup(join(parent, name));
    }
  }
}

async function removeGroup(path: string): Promise<void> {
  for (let tries = REMOVE_TRIES; tries > 0; tries -= 1) {
    const pids = await readFile(join(path, 'cgroup.procs'), 'utf8').catch(() => '');
    for (const pid of pids.split('\n').filter(Boolean).map(Number)) kill(pid);
    const gone = await rmdir(path).then(
      () => true,
      (error: NodeJS.ErrnoException) => error.code === 'ENOENT',
    );
    if (gone) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    // Gone in the meantime.
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
