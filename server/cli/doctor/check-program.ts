import { execFile } from 'node:child_process';
import { childEnvironment } from '../../platform/child-process.ts';
import type { Finding } from './finding.ts';

/** A program that the gateway runs as a child, where it will look for it. */
export function checkProgram(
  what: string,
  command: string,
  mend: string,
  showVersion = '-v',
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
        const message = `the gateway will run its own: ${command} ${version}`;
        resolve({ level: 'ok', what, message });
      },
    );
  });
}
