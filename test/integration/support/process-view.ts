import { readFileSync, readdirSync } from 'node:fs';
import { processStartTime } from '../../../server/platform/leftovers.ts';

/** A process, told from a later one with the same pid. */
export interface SeenProcess {
  readonly pid: number;
  readonly name: string;
  readonly startedAt: string;
}

/** All living processes below this one (proc(5)). */
export function descendantsOf(pid: number): SeenProcess[] {
  const children = new Map<number, SeenProcess[]>();
  for (const entry of readdirSync('/proc')) {
    const seen = /^\d+$/.test(entry) ? lookAt(Number(entry)) : undefined;
    if (seen) children.set(seen.parent, [...(children.get(seen.parent) ?? []), seen]);
  }
  const below = (parent: number): SeenProcess[] =>
    (children.get(parent) ?? []).flatMap((child) => [child, ...below(child.pid)]);
  return below(pid);
}

export function isAlive({ pid, startedAt }: SeenProcess): boolean {
  return processStartTime(pid) === startedAt;
}

function lookAt(pid: number): (SeenProcess & { parent: number }) | undefined {
  const startedAt = processStartTime(pid);
  if (startedAt === undefined) return undefined;
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const [, name = ''] = /\((.*)\)/.exec(stat) ?? [];
    const parent = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
    return { pid, name, startedAt, parent };
  } catch {
    return undefined;
  }
}
