import { CommanderError } from 'commander';
import { ConfigError } from '../config.ts';
import { GatewayError } from '../errors.ts';
import { GatewayClientError } from '../gateway-client/gateway-client-error.ts';
import { printable } from './print.ts';

/** The CLI's exit codes. They are a promise to scripts: docs/cli.md and EXIT_HELP list them. */
export const EXIT = {
  /** The command, or a part of the gateway, did not do what it was asked. */
  failed: 1,
  /** The command line or a configuration is wrong: nothing was tried. */
  misconfigured: 2,
  /** The gateway says no: 401, 403, 404 and the other 4xx. */
  refused: 3,
  /** No gateway answers, or one that cannot serve now (502 to 504): worth another try. */
  unreachable: 4,
} as const;

export const EXIT_HELP = `
Exit codes:
  0  done
  1  failed
  2  the command line or a configuration is wrong; nothing was done
  3  the gateway says no, or there is no such machine or console
  4  no gateway answers, or it cannot serve now

docs/cli.md says where a command finds its gateway.`;

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
  if (error instanceof GatewayClientError) return exitCodeOfAnswer(error);
  if (error instanceof GatewayError) {
    return error.row.http < 500 ? EXIT.refused : EXIT.unreachable;
  }
  return EXIT.failed;
}

function exitCodeOfAnswer({ code, status }: GatewayClientError): ExitCode {
  if (code === 'unexpected_answer') return EXIT.failed;
  if (code === 'unreachable' || (status !== null && status > 500)) return EXIT.unreachable;
  return status !== null && status < 500 ? EXIT.refused : EXIT.failed;
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return printable(String(error));
  const hint =
    error instanceof GatewayClientError && error.status !== null ? ` (${error.code})` : '';
  const message = `${error.message || (error as NodeJS.ErrnoException).code || error.name}${hint}`
    .split('\n')
    .map(printable)
    .join('\n');
  const cause = error.cause === undefined ? '' : `\n  because: ${describe(error.cause)}`;
  return `${message}${cause}`;
}
