/** guacamole-lite 1.2.0 has no types; these are the members that we use or replace. */
declare module 'guacamole-lite' {
  import type { EventEmitter } from 'node:events';
  import type { IncomingMessage } from 'node:http';
  import type { ServerOptions, WebSocket, WebSocketServer } from 'ws';

  export interface LogOptions {
    readonly level: number;
    readonly stdLog: (...values: unknown[]) => void;
    readonly errorLog: (...values: unknown[]) => void;
  }

  export interface ClientOptions {
    readonly maxInactivityTime: number;
    readonly log: LogOptions;
  }

  export default class Server extends EventEmitter {
    constructor(wsOptions: ServerOptions, guacdOptions: object, clientOptions: ClientOptions);
    readonly clientOptions: ClientOptions;
    readonly webSocketServer: WebSocketServer;
    readonly activeConnections: Map<unknown, { close(): void }>;
    sigTermHandler: (() => void) | null;
    sigIntHandler: (() => void) | null;
    newConnection(webSocket: WebSocket, request: IncomingMessage): Promise<void>;
    close(): void;
  }
}

declare module 'guacamole-lite/lib/ClientConnection.js' {
  import type { EventEmitter } from 'node:events';
  import type { ClientOptions } from 'guacamole-lite';
  import type { WebSocket } from 'ws';

  interface ConnectionSettings {
    connection: { type: string };
  }

  export default class ClientConnection extends EventEmitter {
    constructor(
      clientOptions: ClientOptions,
      connectionId: string,
      webSocket: WebSocket,
      query: object,
      callbacks: {
        processConnectionSettings(
          settings: ConnectionSettings,
          done: (error: undefined, settings: ConnectionSettings) => void,
        ): void;
      },
    );
    readonly STATE_OPEN: number;
    readonly STATE_CLOSED: number;
    state: number;
    readonly connectionId: string;
    readonly webSocket: WebSocket;
    readonly query: object;
    readonly connectionSelector: string;
    decryptToken(): ConnectionSettings;
    mergeConnectionOptions(): ConnectionSettings['connection'];
    connect(guacdOptions: object): void;
    close(error?: Error): void;
  }
}

declare module 'guacamole-lite/lib/GuacdClient.js' {
  import type { EventEmitter } from 'node:events';
  import type { NetConnectOpts, Socket } from 'node:net';

  export default class GuacdClient extends EventEmitter {
    constructor(
      guacdOptions: { readonly port: NetConnectOpts },
      connectionSelector: string,
      connectionSettings: object,
      logger: { log(level: number, ...values: unknown[]): void },
    );
    readonly STATE_OPEN: number;
    readonly STATE_CLOSED: number;
    state: number;
    readonly guacdConnection: Socket;
    readonly activityCheckInterval: NodeJS.Timeout;
    processConnectionOpen(): void;
    close(error?: Error): void;
  }
}
