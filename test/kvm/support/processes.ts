import assert from 'node:assert/strict';
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';

export interface FoundProcess {
  readonly pid: number;
  readonly parent: number;
  readonly name: string;
}

/** Every process that this one has started, directly or not, whatever session it is in. */
export async function descendants(of = process.pid): Promise<FoundProcess[]> {
  const all: FoundProcess[] = [];
  for (const entry of await readdir('/proc')) {
    if (!/^\d+$/.test(entry)) continue;
    const stat = await readFile(`/proc/${entry}/stat`, 'utf8').catch(() => '');
    const end = stat.lastIndexOf(')');
    const [state, parent] = stat.slice(end + 2).split(' ');
    if (!parent || state === 'Z') continue;
    const name = stat.slice(stat.indexOf('(') + 1, end);
    all.push({ pid: Number(entry), parent: Number(parent), name });
  }
  const found = new Map<number, FoundProcess>();
  for (let before = -1; before !== found.size; ) {
    before = found.size;
    for (const each of all) {
      if (each.parent === of || found.has(each.parent)) found.set(each.pid, each);
    }
  }
  return [...found.values()];
}

/** The first processes of the browsers on our screens. */
export function browsers(): Promise<number[]> {
  return firstOf('chromium');
}

/** Kills the programs of this name on our screens, of each the process that has started the others. */
export async function killProgram(name: string): Promise<void> {
  const found = await firstOf(name);
  assert.ok(found.length > 0, `a process ${name}`);
  for (const pid of found) process.kill(pid, 'SIGKILL');
}

async function firstOf(name: string): Promise<number[]> {
  const named = (await descendants()).filter((each) => each.name === name);
  const first: number[] = [];
  for (const { pid, parent } of named) {
    // Asked anew: one that was seen before it became this program may have children of this name by now.
    const parentName = await readFile(`/proc/${parent}/comm`, 'utf8').catch(() => '');
    if (parentName.trim() !== name) first.push(pid);
  }
  return first;
}

/** What these processes have of the memory, shared parts divided among those that share them. KiB */
export async function pssOf(processes: readonly { pid: number }[]): Promise<number> {
  let sum = 0;
  for (const { pid } of processes) {
    const text = await readFile(`/proc/${pid}/smaps_rollup`, 'utf8').catch(() => '');
    sum += Number(/^Pss:\s+(\d+)/m.exec(text)?.[1] ?? 0);
  }
  return sum;
}

/** Control groups of a gateway's screens, in whichever tree they are. */
export async function controlGroupsOf(pid: number): Promise<string[]> {
  const found: string[] = [];
  for (const tree of ['', 'memory', 'pids', 'cpu']) {
    const parent = join('/sys/fs/cgroup', tree, 'rackside-kvm');
    for (const name of await readdir(parent).catch(() => [])) {
      if (name.startsWith(`screen-${pid}-`)) found.push(join(parent, name));
    }
  }
  return found;
}
