import type { BridgeRequest, Bridges, Endpoint } from '../providers/provider.ts';
import { RfbBridge } from './rfb-bridge.ts';

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
    const { listen, advertise } = this.#options;
    const bridge = await RfbBridge.open({ ...request, host: listen });
    return {
      protocol: 'vnc',
      host: advertise ?? bridge.host,
      port: bridge.port,
      parameters: { password: bridge.password },
      bridged: true,
      release: async () => bridge.close(),
    };
  }
}
