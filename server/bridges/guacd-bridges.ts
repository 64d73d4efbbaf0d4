import type { BridgeRequest, Bridges, TerminalTarget } from '../providers/provider-context.ts';
import type { Endpoint } from '../providers/provider.ts';
import { openRfbBridge } from './rfb-bridge.ts';
import { openTerminalBridge } from './terminal-bridge.ts';

export interface GuacdBridgesOptions {
  /** Address that bridges listen on. */
  readonly listen: string;
  /** Host by which guacd finds them; absent is the address itself. */
  readonly advertise?: string | undefined;
}

/** Bridges as endpoints, where guacd finds them. */
export class GuacdBridges implements Bridges {
  readonly #options: GuacdBridgesOptions;

  constructor(options: GuacdBridgesOptions) {
    this.#options = options;
  }

  async open(request: BridgeRequest): Promise<Endpoint> {
    const { password, ...bridge } = await openRfbBridge(this.#listening(request));
    return { protocol: 'vnc', parameters: { password }, ...this.#endpoint(bridge) };
  }

  async openTerminal(request: BridgeRequest<TerminalTarget>): Promise<Endpoint> {
    const bridge = await openTerminalBridge(this.#listening(request));
    const { password, passwordRegex } = bridge;
    const parameters = { password, 'password-regex': passwordRegex };
    return { protocol: 'telnet', parameters, ...this.#endpoint(bridge) };
  }

  #listening<Request extends object>(request: Request) {
    return { ...request, host: this.#options.listen };
  }

  #endpoint({ host, port, close }: { host: string; port: number; close: () => void }) {
    const { advertise = host } = this.#options;
    return { host: advertise, port, bridged: true, release: async () => close() };
  }
}
