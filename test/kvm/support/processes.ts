import assert from 'node:assert/strict';
import { readFile, readdir } from 'node:fs/promises';

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
export async function browsers(): Promise<number[]> {
  const named = (await descendants()).filter(({ name }) => name === 'chromium');
  const pids = new Set(named.map(({ pid }) => pid));
  return named.filter(({ parent }) => !pids.has(parent)).map(({ pid }) => pid);
}

/** Kills a screen's program of this name, the process that has started its others. */
export async function killProgram(name: string): Promise<void> {
  const named = (await descendants()).filter((each) => each.name === name);
  const pids = new Set(named.map(({ pid }) => pid));
  const found = named.find(({ parent }) => !pids.has(parent));
  assert.ok(found, `a process ${name}`);
  process.kill(found.pid, 'SIGKILL');
}
