import { CommanderError } from 'commander';
import { ConfigError } from '../config.ts';
import { printable } from './print.ts';

/** The CLI's exit codes. They are a promise to scripts: docs/cli.md lists them. */
export const EXIT = {
  /** The command, or a part of the gateway, did not do what it was asked. */
  failed: 1,
  /** The command line or a configuration is wrong: nothing was tried. */
  misconfigured: 2,
} as const;

type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** What stopped a command, in words for whoever typed it. */
export class CliError extends Error {
  override readonly name = 'CliError';
  readonly exitCode: ExitCode;

  constructor(message: string, exitCode: ExitCode = EXIT.failed) {
    super(message);
    this.exitCode = exitCode;
  }
}

/** Says what went wrong and sets the exit code; the process ends when nothing runs any more. */
export function failWith(error: unknown): void {
  if (error instanceof CommanderError) {
    // It has said everything itself; what it ends with 0 is help that was asked for.
    process.exitCode = error.exitCode === 0 ? 0 : EXIT.misconfigured;
    return;
  }
  process.stderr.write(`${describe(error)}\n`);
  process.exitCode = exitCodeOf(error);
}

function exitCodeOf(error: unknown): ExitCode {
  if (error instanceof ConfigError) return EXIT.misconfigured;
  if (error instanceof CliError) return error.exitCode;
  return EXIT.failed;
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return printable(String(error));
  const message = error.message.split('\n').map(printable).join('\n');
  const cause = error.cause === undefined ? '' : `\n  because: ${describe(error.cause)}`;
  return `${message}${cause}`;
}
