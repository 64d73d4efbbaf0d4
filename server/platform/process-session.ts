import { existsSync, readFileSync, readdirSync } from 'node:fs';

/**
 * Signals every process of a session (setsid(2)) by its leader's pid, be the leader gone or not and
 * whatever groups the others have made: guacd gives each of its sessions one, and a session that
 * has no user yet outlives a guacd that was killed. Where there is no /proc it signals nobody.
 */
export function signalSession(leader: number, signal: NodeJS.Signals): void {
  for (const pid of membersOf(leader)) signalProcess(pid, signal);
}

/** Signals a process, or with a negative number a group; one that is gone, or not ours, is no error. */
export function signalProcess(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'ESRCH' && code !== 'EPERM') throw error;
  }
}

function membersOf(leader: number): number[] {
  if (!existsSync('/proc/self/stat')) return [];
  return readdirSync('/proc')
    .map(Number)
    .filter((pid) => Number.isInteger(pid) && sessionOf(pid) === leader);
}

/** Field 6 of /proc/<pid>/stat (proc(5)); fields count from the command's last parenthesis. */
function sessionOf(pid: number): number | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[3]);
  } catch {
    return undefined;
  }
}
