import { readFileSync } from 'node:fs';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { signalSession } from './process-session.ts';

/** A process by pid and start time, so that a reused pid is never taken for it. */
interface ProcessMark {
  readonly pid: number;
  readonly startedAt: string;
}

interface ChildMark extends ProcessMark {
  readonly owner: ProcessMark;
}

/**
 * The start time of a process in clock ticks since boot: field 22 of /proc/<pid>/stat (proc(5)).
 * Undefined when there is no such process (or no /proc), or when it is a zombie.
 */
export function processStartTime(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The command's name may hold spaces and parentheses; fields count from the last one.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' ? undefined : fields[19];
  } catch {
    return undefined;
  }
}

function isAlive(mark: ProcessMark): boolean {
  return processStartTime(mark.pid) === mark.startedAt;
}

function markOf(pid: number): ProcessMark {
  return { pid, startedAt: processStartTime(pid) ?? 'gone' };
}

/**
 * Remembers our children in a folder, so that the next start ends what a killed gateway left. One
 * file a child, named after it, holding both its and its owner's identity.
 */
export class Leftovers {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /**
   * Ends children whose owner is gone, as whole sessions.
   *
   * @returns the names of what was ended.
   * @throws Error when another living process owns this folder.
   */
  async sweep(): Promise<string[]> {
    await mkdir(this.#folder, { recursive: true, mode: 0o700 });
    const ended: string[] = [];
    for (const file of await readdir(this.#folder)) {
      if (!file.endsWith('.json')) continue;
      const mark = parseMark(await readFile(join(this.#folder, file), 'utf8'));
      if (mark && mark.owner.pid !== process.pid && isAlive(mark.owner)) {
        throw new Error(`${this.#folder} is in use by another gateway, pid ${mark.owner.pid}`);
      }
      if (mark && isAlive(mark)) ended.push(file.slice(0, -'.json'.length));
      // One that is gone may have left others; its pid is not given away while they live.
      if (mark && (isAlive(mark) || processStartTime(mark.pid) === undefined)) {
        signalSession(mark.pid, 'SIGKILL');
      }
      await rm(join(this.#folder, file), { force: true });
    }
    return ended;
  }

  async remember(name: string, pid: number): Promise<void> {
    const mark: ChildMark = { ...markOf(pid), owner: markOf(process.pid) };
    await writeFile(join(this.#folder, `${name}.json`), JSON.stringify(mark), { mode: 0o600 });
  }

  async forget(name: string): Promise<void> {
    await rm(join(this.#folder, `${name}.json`), { force: true });
  }
}

/** A file that was cut short by a crash names nobody. */
function parseMark(text: string): ChildMark | undefined {
  try {
    return JSON.parse(text) as ChildMark;
  } catch {
    return undefined;
  }
}
