import { GatewayError } from '../../../errors.ts';
import type { Bridges, Claims } from '../../provider-context.ts';
import type { Endpoint, ResolveRequest } from '../../provider.ts';
import type { HostSettings } from '../schema.ts';
import { type LineParts, SharedLine } from './shared-line.ts';

export interface SerialParts {
  /** With which its sentences begin. */
  readonly name: string;
  readonly settings: HostSettings;
  readonly open: LineParts['open'];
  /** Lets go of what the BMC keeps of it; not `ours` is a line that was lost. Never rejects. */
  readonly free: (ours: boolean) => Promise<void>;
  readonly bridges: Bridges;
  readonly claims: Claims;
}

type Request = Pick<ResolveRequest, 'onFault' | 'signal'>;

/**
 * A server's serial line as an endpoint, for one console at a time: whoever else wants to see
 * it is let in by who has it.
 *
 * @throws GatewayError `target_busy` while another console has it, and as `open` does.
 */
export async function openSerial(parts: SerialParts, request: Request): Promise<Endpoint> {
  const { name, settings, open, free, bridges, claims } = parts;
  const { id } = settings;
  const giveBack = await claims.take(`sol:${id}`);
  if (!giveBack) {
    const message = `${name}: another console has its serial line; who holds that one can share it`;
    // Its page comes again: who has the line may be a gateway that has just died.
    throw new GatewayError('target_busy', message);
  }
  let line: SharedLine | undefined;
  const release = async (): Promise<void> => {
    const ours = line?.isOpen ?? true;
    line?.close();
    await free(ours);
    await giveBack();
  };
  try {
    const { onFault, signal } = request;
    const shared = await SharedLine.open({ name, open, onFault }, signal);
    line = shared;
    const reach = async () => ({ stream: shared.tap() });
    const endpoint = await bridges.openTerminal({ reach, onFault, signal });
    return {
      ...endpoint,
      parameters: { ...endpoint.parameters, ...terminalParameters(settings) },
      async release() {
        await endpoint.release();
        await release();
      },
    };
  } catch (error) {
    // A BMC that does not answer is not waited for.
    void release();
    throw error;
  }
}

/** guacd's, of the terminal that it draws. */
export function terminalParameters({ sol }: HostSettings): Record<string, string> {
  const { terminal, scrollback, backspace } = sol;
  return {
    'terminal-type': terminal,
    scrollback: String(scrollback),
    backspace: String(backspace),
  };
}
