import { readdir, readFile } from 'node:fs/promises';
import type { RunningChild } from '../platform/child-process.ts';
import { processStartTime } from '../platform/leftovers.ts';

/**
 * Ends a child with its process group, and also what it started outside of that by setsid(2), such
 * as the sessions of sshd and the jobs of a terminal's shell. A daemon, whose parent has ended
 * already, is not found. Idempotent. On systems without proc(5) only the group ends.
 */
export async function stopWithDescendants(child: RunningChild): Promise<void> {
  // The pid of a child that has ended may be somebody else's by now.
  const ended = await Promise.race([child.exited.then(() => true), Promise.resolve(false)]);
  const pids = ended ? [] : await descendants(child.pid);
  const started = pids.map((pid) => ({ pid, at: processStartTime(pid) }));
  await child.stop();
  for (const { pid, at } of started) {
    if (at !== undefined && processStartTime(pid) === at) kill(pid);
  }
}

/** The processes that `pid` has started, and those that they have started. */
async function descendants(pid: number): Promise<number[]> {
  const parents = new Map<number, number>();
  for (const name of await readdir('/proc').catch(() => [])) {
    if (!/^\d+$/.test(name)) continue;
    const stat = await readFile(`/proc/${name}/stat`, 'utf8').catch(() => '');
    // The command's name may hold spaces and parentheses: the parent is the second field after it.
    const parent = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1];
    if (parent) parents.set(Number(name), Number(parent));
  }
  const found = new Set([pid]);
  for (let before = 0; before !== found.size; ) {
    before = found.size;
    for (const [child, parent] of parents) if (found.has(parent)) found.add(child);
  }
  found.delete(pid);
  return [...found];
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    // Gone in the meantime.
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
