import { readFile, readdir } from 'node:fs/promises';

/** The command lines of this program's processes that have this word in it. */
export async function runningWith(program: string, word: string | number): Promise<string[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const lines = await Promise.all(
    pids.map((pid) => readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')),
  );
  return lines
    .map((line) => line.split('\0'))
    .filter(([first, ...words]) => first === program && words.includes(String(word)))
    .map((words) => words.join(' '));
}
