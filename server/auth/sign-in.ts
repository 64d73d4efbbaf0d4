import { GatewayError } from '../errors.ts';
import type { Principal } from './principal.ts';
import type { SignInLimits, Whence } from './sign-in-limits.ts';
import { type TotpEnrolments, wrongCode } from './totp-enrolments.ts';

/** What somebody gives to prove who they are. */
export interface Proof {
  readonly username: string;
  readonly password: string;
  readonly totp: string | undefined;
  /**
   * Whose account it has to be, by its name. Absent where that is to be found out: directories are
   * asked one after the other, and another person's password may be right in the next one.
   */
  readonly owner?: string;
}

/** Finds the user with this name and password; undefined for a wrong one of either. */
type Authenticate = (name: string, password: string) => Promise<Principal | undefined>;

/** Proves who somebody is: the password, then the second factor of those who enrolled for one. */
export class SignIn {
  readonly #authenticate: Authenticate;
  readonly #totp: TotpEnrolments;
  readonly #limits: SignInLimits;

  constructor(parts: { authenticate: Authenticate; totp: TotpEnrolments; limits: SignInLimits }) {
    this.#authenticate = parts.authenticate;
    this.#totp = parts.totp;
    this.#limits = parts.limits;
  }

  /** @throws GatewayError `credentials_invalid`, `rate_limited` */
  async byPassword(
    { username, password, owner }: Omit<Proof, 'totp'>,
    whence: Whence,
  ): Promise<Principal> {
    const found = await this.#limits.password(username, whence, async () => {
      const principal = await this.#authenticate(username, password);
      return owner === undefined || principal?.name === owner ? principal : undefined;
    });
    if (found) return found;
    throw new GatewayError('credentials_invalid', 'the user name or the password is wrong');
  }

  /**
   * @returns who it is, and whether a second factor was given.
   * @throws GatewayError `totp_required` when the password is right and a code is missing;
   * `totp_wrong`, `credentials_invalid`, `rate_limited`
   */
  async prove(
    proof: Proof,
    whence: Whence,
  ): Promise<{ principal: Principal; secondFactor: boolean }> {
    const { totp: code } = proof;
    const principal = await this.byPassword(proof, whence);
    if (!(await this.#totp.isActive(principal.name))) return { principal, secondFactor: false };
    if (code === undefined || code.trim() === '') {
      throw new GatewayError('totp_required', 'this account wants a one-time code as well');
    }
    const right = await this.#limits.code(principal.name, async () => {
      return (await this.#totp.accept(principal.name, code)) || undefined;
    });
    if (!right) throw wrongCode();
    return { principal, secondFactor: true };
  }
}
