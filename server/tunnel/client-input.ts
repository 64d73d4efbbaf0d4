import type { TunnelGrant } from '../consoles/tunnel-port.ts';
import { isCredential } from '../contract/index.ts';
import { GatewayError } from '../errors.ts';
import { type FilteredMessage, filterClientMessage } from './client-messages.ts';
import { CredentialPrompt } from './credential-prompt.ts';
import { HeldInput } from './held-input.ts';
import { InputRate } from './input-rate.ts';
import { participantOf, rightsOf } from './input-rights.ts';
import type { TunnelLimits } from './limits.ts';

/** Bytes of a message that count as one more instruction; see TunnelLimits.inputRate. */
const COUNTED_BYTES = 16 * 1024;

/** What becomes of a message of the page's. */
export interface TakenInput extends Pick<FilteredMessage, 'forward' | 'echo' | 'leaves'> {
  /** The console was used, by somebody whose use counts. */
  readonly used: boolean;
  /** With it all that guacd has asked for is answered. */
  readonly answers: boolean;
}

/**
 * The input of one participant of a console: what of it may go to guacd, how fast it may come, and what
 * it holds down there. Sends nothing itself.
 */
export class ClientInput {
  readonly #grant: TunnelGrant;
  readonly #held = new HeldInput();
  readonly #rate: InputRate;
  #prompt: CredentialPrompt | null = null;
  /** Who may type. */
  #control: string;

  constructor(grant: TunnelGrant, control: string, { inputRate, inputBurst }: TunnelLimits) {
    this.#grant = grant;
    this.#control = control;
    this.#rate = new InputRate(inputRate, inputBurst, performance.now());
  }

  /**
   * Whose input goes to the machine from now on.
   *
   * @returns instructions by which who loses that lets go of what they hold; empty for nothing.
   */
  setControl(participant: string): string {
    this.#control = participant;
    return this.#isInControl ? '' : this.release();
  }

  /** The instructions that let go of everything; empty for nothing. */
  release(): string {
    return this.#held.release();
  }

  /** Lets the page answer for these parameters of guacd's; false where it may not. */
  ask(names: readonly string[]): boolean {
    const { asks = false } = this.#grant;
    if (!asks || this.#rights !== 'all' || !names.every(isCredential)) return false;
    this.#prompt = new CredentialPrompt(names);
    return true;
  }

  /** @throws GatewayError `instruction_invalid`, `instruction_too_large`, `input_too_fast` */
  take(message: Buffer, isBinary: boolean): TakenInput {
    const filtered = filterClientMessage(message, isBinary, this.#rights, this.#prompt);
    const { forward, echo, human, count, held, leaves } = filtered;
    this.#pay(1 + count + Math.floor(message.length / COUNTED_BYTES));
    for (const input of held) this.#held.note(input);
    const used = human && (this.#grant.viewer === null || this.#isInControl);
    const answers = this.#prompt?.answered ?? false;
    if (answers) this.#prompt = null;
    return { forward, echo, leaves, used, answers };
  }

  /** A ping or pong of the WebSocket's own. @throws GatewayError `input_too_fast` */
  takeControlFrame(): void {
    this.#pay(1);
  }

  get #rights() {
    return rightsOf(this.#grant, this.#control);
  }

  get #isInControl(): boolean {
    return this.#control === participantOf(this.#grant);
  }

  #pay(cost: number): void {
    if (!this.#rate.take(cost, performance.now())) {
      throw new GatewayError('input_too_fast', 'the browser sends more than any person could');
    }
  }
}
