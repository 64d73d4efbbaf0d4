import { execFile } from 'node:child_process';
import { childEnvironment } from '../../platform/child-process.ts';
import type { Finding } from './finding.ts';

interface Wanted {
  /** What it prints its version for. */
  readonly showVersion?: string;
  /** What is said before its name, where it is there. */
  readonly use?: string;
}

/** A program that the gateway runs as a child, where it will look for it. */
export function checkProgram(
  what: string,
  command: string,
  mend: string,
  { showVersion = '-v', use = 'the gateway will run its own: ' }: Wanted = {},
): Promise<Finding> {
  return new Promise((resolve) => {
    execFile(
      command,
      [showVersion],
      { env: childEnvironment(), timeout: 5000 },
      (error, stdout, stderr) => {
        if (error) {
          resolve({ level: 'wrong', what, message: `${command} cannot be run here; ${mend}` });
          return;
        }
        const version = /\d+(?:\.\d+)+/.exec(`${stdout}${stderr}`)?.[0] ?? 'of unknown version';
        const message = `${use}${command} ${version}`;
        resolve({ level: 'ok', what, message });
      },
    );
  });
}
