import type { TokenRequest } from '../contract/index.ts';
import { GatewayError, toGatewayError } from '../errors.ts';
import type { Logger } from '../log.ts';
import type { Endpoint, Machine } from '../providers/provider.ts';
import { assertApproved } from './approval.ts';
import type { ConsoleService } from './console-service.ts';
import { workingShare } from './console-sharing.ts';
import { type ConsoleRecord, assertOpen } from './console.ts';
import type { EndpointLeases } from './endpoint-leases.ts';
import { connectionToJoin } from './running-connection.ts';
import { type Viewer, ownEndOf } from './sharing.ts';
import type { GuacdAddress, TunnelGrant } from './tunnel-port.ts';

export interface ConsoleConnectorParts {
  readonly consoles: ConsoleService;
  readonly leases: EndpointLeases;
  readonly log: Logger;
  /** Seconds for which a connection token may be presented. */
  readonly tokenTtl: number;
  /** Whether a page is asked for credentials that a target wants and its configuration lacks. */
  readonly askCredentials: boolean;
  /** The machine with its provider. @throws GatewayError `machine_not_found` */
  readonly findMachine: (id: string) => Promise<Machine>;
  /** A guacd of this location. @throws GatewayError `guacd_unavailable` */
  readonly guacdOf: (location: string) => Promise<GuacdAddress>;
  readonly issueToken: (grant: TunnelGrant, expiresAt: number, now: number) => Promise<string>;
  readonly now: () => number;
}

const DEFAULT_DISPLAY = { width: 1280, height: 800, dpi: 96 };

/** From a console to a connection token: the endpoint is resolved now, not before. */
export class ConsoleConnector {
  readonly #parts: ConsoleConnectorParts;

  constructor(parts: ConsoleConnectorParts) {
    this.#parts = parts;
  }

  /**
   * Resolves the endpoint, unless it is held already, and issues a connection token for it.
   * `expiresAt` is in milliseconds since the epoch.
   *
   * @throws GatewayError `approval_pending`, the provider's, or the console's close reason.
   */
  async issueToken(
    id: string,
    request: TokenRequest,
  ): Promise<{ token: string; expiresAt: number }> {
    const { consoles, issueToken, tokenTtl, askCredentials, now } = this.#parts;
    const record = await consoles.get(id);
    assertOpen(record, now());
    assertApproved(record);
    const { endpoint, guacd } = await this.#resolve(record);
    const resolved = await consoles.apply(id, { type: 'resolved' });
    // It may have been closed while the endpoint was being resolved.
    assertOpen(resolved, now());
    consoles.tellStep(id, 'connecting');
    const expiresAt = Math.min(now() + tokenTtl * 1000, record.expiresAt);
    const asks = askCredentials && !resolved.readOnly;
    const grant = { ...grantOf(resolved, endpoint, guacd, request), asks };
    return { token: await issueToken(grant, expiresAt, now()), expiresAt };
  }

  /**
   * A connection token with which a viewer joins the connection that the console's holder is in.
   *
   * @throws GatewayError `not_running` while there is none, `share_expired`, `share_revoked`, or the
   * console's close reason.
   */
  async issueViewerToken(
    record: ConsoleRecord,
    viewer: Viewer,
    request: TokenRequest,
  ): Promise<{ token: string; expiresAt: number }> {
    const { issueToken, tokenTtl, now } = this.#parts;
    assertOpen(record, now());
    const share = workingShare(record, viewer, now());
    const connection = connectionToJoin(record.sharing, 'viewer');
    if (!connection) {
      throw new GatewayError('not_running', 'there is nothing to see yet: the holder is not there');
    }
    const expiresAt = Math.min(now() + tokenTtl * 1000, ownEndOf(share), record.expiresAt);
    const grant: TunnelGrant = {
      ...commonGrant(record, request),
      protocol: connection.protocol,
      guacd: connection.guacd,
      parameters: connection.parameters,
      bridged: false,
      readOnly: record.readOnly || share.readOnly,
      user: viewer.name,
      viewer: { id: viewer.id, until: share.expiresAt },
      join: connection.id,
    };
    return { token: await issueToken(grant, expiresAt, now()), expiresAt };
  }

  async #resolve(record: ConsoleRecord): Promise<{ endpoint: Endpoint; guacd: GuacdAddress }> {
    const { consoles, leases, findMachine, guacdOf } = this.#parts;
    try {
      const { provider, localId, location } = await findMachine(record.machine);
      const endpoint = await leases.acquire(record.id, (signal) => {
        consoles.tellStep(record.id, 'resolving');
        return provider.resolve({
          machineId: localId,
          kind: record.kind,
          display: record.display ?? undefined,
          onStep: (step) => consoles.tellStep(record.id, step),
          onFault: (error) => void this.#tellFault(record, error, 'endpoint fails'),
          signal,
        });
      });
      return { endpoint, guacd: endpoint.guacd ?? (await guacdOf(location)) };
    } catch (error) {
      await this.#tellFault(record, error, 'console cannot be resolved');
      throw toGatewayError(error);
    }
  }

  async #tellFault(record: ConsoleRecord, error: unknown, what: string): Promise<void> {
    const { consoles, log } = this.#parts;
    const { id: consoleId, machine } = record;
    log.warn({ consoleId, machine, err: error }, what);
    const { status: code, message } = toGatewayError(error);
    await consoles.apply(consoleId, { type: 'faulted', fault: { code, message } });
  }
}

function grantOf(
  record: ConsoleRecord,
  endpoint: Endpoint,
  guacd: GuacdAddress,
  request: TokenRequest,
): TunnelGrant {
  const watched = connectionToJoin(record.sharing, 'holder');
  return {
    ...commonGrant(record, request),
    protocol: endpoint.protocol,
    guacd: watched?.guacd ?? guacd,
    parameters: {
      ...endpoint.parameters,
      hostname: endpoint.host,
      port: String(endpoint.port),
    },
    bridged: endpoint.bridged ?? false,
    viewer: null,
    join: watched?.id ?? null,
  };
}

function commonGrant(record: ConsoleRecord, request: TokenRequest) {
  const { width, height, dpi } = request.display ?? record.display ?? DEFAULT_DISPLAY;
  return {
    consoleId: record.id,
    machine: record.machine,
    kind: record.kind,
    readOnly: record.readOnly,
    user: record.user,
    display: { width, height, dpi: dpi ?? DEFAULT_DISPLAY.dpi },
    timezone: request.timezone ?? null,
    deadline: record.expiresAt,
  };
}
