import Guacamole from 'guacamole-common-js';
import { type Credential, isCredential, type TokenAnswer } from '../../../server/contract/index.ts';
import type { FaultCode } from '../api/fault-code.ts';
import type { DisplayListener } from './display.ts';
import { closeFrames } from './close-frames.ts';
import { faultOfInstruction, faultOfTunnel } from './guacamole-fault.ts';

/** One connection through the tunnel: a Guacamole client that can be silenced for good. */
export class GuacamoleLink {
  readonly client: Guacamole.Client;
  readonly #tunnel: Guacamole.WebSocketTunnel;
  #listener: DisplayListener | null;
  #pictured = false;
  /** Why the tunnel closes. Without a word: guacd said `disconnect`, the machine ended the session. */
  #fault: FaultCode = 'target_lost';

  constructor(grant: TokenAnswer, listener: DisplayListener) {
    this.#listener = listener;
    this.#tunnel = new Guacamole.WebSocketTunnel(grant.tunnel);
    this.client = new Guacamole.Client(this.#tunnel);
    this.#tunnel.onerror = ({ code, message }) => {
      this.#fault = faultOfTunnel(code, message);
    };
    this.#tunnel.onstatechange = (state) => this.#tunnelState(state);
    this.client.onerror = ({ code, message }) => this.#drop(faultOfInstruction(code, message));
    closeFrames(this.client.getDisplay());
    this.client.onsync = () => this.#sync();
    this.client.onrequired = (names) => this.#listener?.prompted?.(names.filter(isCredential));
    this.client.onclipboard = (stream, mimetype) => this.#clipboard(stream, mimetype);
    // The token is made of letters that need no escaping, yet is not ours to trust.
    this.client.connect(`token=${encodeURIComponent(grant.token)}`);
  }

  /** Ends the connection and whatever the listener would still be told. */
  dispose(): void {
    this.#listener = null;
    this.client.disconnect();
  }

  sendText(text: string): void {
    const writer = new Guacamole.StringWriter(this.client.createClipboardStream('text/plain'));
    writer.sendText(text);
    writer.sendEnd();
  }

  /** One stream each. Kept by nobody. */
  answer(values: ReadonlyMap<Credential, string>): void {
    for (const [name, value] of values) {
      const stream = this.client.createArgumentValueStream('text/plain', name);
      const writer = new Guacamole.StringWriter(stream);
      writer.sendText(value);
      writer.sendEnd();
    }
  }

  #tunnelState(state: Guacamole.Tunnel.State): void {
    const { OPEN, UNSTABLE, CLOSED } = Guacamole.Tunnel.State;
    if (state === OPEN) {
      this.#listener?.opened?.();
      this.#listener?.steadied?.();
    } else if (state === UNSTABLE) {
      this.#listener?.wavered?.();
    } else if (state === CLOSED) {
      this.#drop(this.#fault);
    }
  }

  /** A drop is told once; the first word about it is the one that says why. */
  #drop(fault: FaultCode): void {
    const listener = this.#listener;
    this.dispose();
    listener?.dropped?.(fault);
  }

  #sync(): void {
    if (this.#pictured || this.client.getDisplay().getWidth() === 0) return;
    this.#pictured = true;
    this.#listener?.pictured?.();
  }

  #clipboard(stream: Guacamole.InputStream, mimetype: string): void {
    if (!mimetype.startsWith('text/')) return;
    const reader = new Guacamole.StringReader(stream);
    let text = '';
    reader.ontext = (part) => {
      text += part;
    };
    reader.onend = () => this.#listener?.clipboard?.(text);
  }
}
