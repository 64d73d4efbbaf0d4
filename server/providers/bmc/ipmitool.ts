import { type ExecFileOptionsWithStringEncoding, execFile } from 'node:child_process';
import type { StatusCode } from '../../contract/index.ts';
import { GatewayError } from '../../errors.ts';
import { childEnvironment } from '../../platform/child-process.ts';
import type { Secret } from '../../secret.ts';
import { Declined } from './declined.ts';
import { HeldRefusal } from '../held-refusal.ts';
import { REFUSED_MS } from './refused-ms.ts';

export interface IpmitoolParts {
  /** Whose errors these are. */
  readonly name: string;
  readonly host: string;
  readonly port: number;
  readonly username: string;
  readonly password: Secret;
  readonly cipherSuite: number;
  readonly privilege: string;
  readonly now: () => number;
}

/** Of all tries together, for one command of several requests. ms */
const TIMEOUT_MS = 25_000;
/** Seconds to wait for each answer, and how often to ask again. */
const PATIENCE = ['-N', '1', '-R', '3'];

/** Of one command, by an account that is let in and may do others. */
const NOT_ALLOWED = /Insufficient privilege/i;

/** What ipmitool prints, which with -v tells why there is no session. */
const SAID: readonly (readonly [RegExp, StatusCode, string])[] = [
  [NOT_ALLOWED, 'provider_refused', 'does not allow the account that, over IPMI'],
  [
    /RAKP 2 HMAC is invalid|unauthorized (name|role)/i,
    'provider_refused',
    'does not accept the username or password, or does not allow the account that, over IPMI',
  ],
  [/(user ?name|password) is longer/, 'provider_refused', 'takes no name or password so long'],
  [/insufficient resources/i, 'bmc_slots_full', 'has as many IPMI sessions as it allows'],
  [
    /invalid (authentication|integrity|confidentiality) algorithm|cipher suite/i,
    'bmc_unavailable',
    'does not speak this cipher suite: set ipmi.cipherSuite, to 3 for older boards',
  ],
  [/Address lookup .* failed/, 'bmc_unavailable', 'cannot be reached: its name does not resolve'],
  [/Unable to establish/, 'bmc_unavailable', 'does not answer over IPMI'],
];

/** IPMI 2.0 over LAN, by ipmitool: there is no library that is kept up. */
export class Ipmitool {
  readonly #parts: IpmitoolParts;
  readonly #refusal: HeldRefusal;

  constructor(parts: IpmitoolParts) {
    this.#parts = parts;
    this.#refusal = new HeldRefusal(parts.now, REFUSED_MS);
  }

  /** With the password, which stands in no command line. */
  get environment(): NodeJS.ProcessEnv {
    return childEnvironment({ IPMI_PASSWORD: this.#parts.password.reveal() });
  }

  get connection(): readonly string[] {
    const { host, port, username, cipherSuite, privilege } = this.#parts;
    return [
      ...['-I', 'lanplus', '-C', String(cipherSuite), '-L', privilege],
      ...['-H', host, '-p', String(port), '-U', username, '-E'],
    ];
  }

  /** The connection as environment variables whose names begin so. */
  named(prefix: string): NodeJS.ProcessEnv {
    const { host, port, username, cipherSuite, privilege } = this.#parts;
    return {
      [`${prefix}_CIPHER`]: String(cipherSuite),
      [`${prefix}_LEVEL`]: privilege,
      [`${prefix}_HOST`]: host,
      [`${prefix}_PORT`]: String(port),
      [`${prefix}_USER`]: username,
    };
  }

  /**
   * What a command prints.
   *
   * @throws GatewayError `provider_refused`, `bmc_slots_full`, `bmc_unavailable`
   */
  async run(command: readonly string[], signal?: AbortSignal): Promise<string> {
    this.#refusal.check();
    const options: ExecFileOptionsWithStringEncoding = {
      encoding: 'utf8',
      env: this.environment,
      timeout: TIMEOUT_MS,
      killSignal: 'SIGKILL',
      ...(signal && { signal }),
    };
    const args = ['-v', ...PATIENCE, ...this.connection, ...command];
    const { error, printed, stdout } = await new Promise<{
      error: Error | null;
      printed: string;
      stdout: string;
    }>((resolve) => {
      execFile('ipmitool', args, options, (failure, out, err) => {
        resolve({ error: failure, printed: `${out}\n${err}`, stdout: out });
      });
    });
    signal?.throwIfAborted();
    if (!error) return stdout;
    const fault = this.fault(printed, error);
    throw NOT_ALLOWED.test(printed) ? fault : this.#refusal.note(fault);
  }

  /** What went wrong, by what ipmitool has printed. */
  fault(printed: string, cause: NodeJS.ErrnoException | null): GatewayError {
    const { name } = this.#parts;
    if (cause?.code === 'ENOENT') {
      const message = `${name} needs the program ipmitool, which is not installed`;
      return new GatewayError('bmc_unavailable', message, { cause });
    }
    for (const [pattern, status, what] of SAID) {
      if (pattern.test(printed)) return new GatewayError(status, `${name} ${what}`);
    }
    const declined = new Declined('ipmitool failed', { cause });
    const message = `${name} does not do what it is asked over IPMI`;
    return new GatewayError('bmc_unavailable', message, { cause: declined });
  }
}
