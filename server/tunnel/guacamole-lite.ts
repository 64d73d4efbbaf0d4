import type { IncomingMessage } from 'node:http';
import type { NetConnectOpts, OnReadOpts } from 'node:net';
import type { Duplex } from 'node:stream';
import Server, { type ClientOptions } from 'guacamole-lite';
import ClientConnection from 'guacamole-lite/lib/ClientConnection.js';
import GuacdClient from 'guacamole-lite/lib/GuacdClient.js';
import type { ServerOptions, WebSocket } from 'ws';
import type { GuacdAddress, TunnelGrant } from '../consoles/tunnel-port.ts';
import type { Turn } from './turns.ts';

/*
 * guacamole-lite 1.2.0, with the parts replaced that 18 tests show to be unfit
 * (test/tunnel/guacamole-lite-defects.test.ts). Its classes give the structure and the life cycle:
 * a server with its WebSocketServer, a connection, a guacd client with its states and events.
 * This is the only file that imports it.
 */

const MAX_FRAGMENTS = 64;

const nothing = (): void => {};

/** Its logger prints bodies and credentials. A level below all of its own; `QUIET` prints all. */
const SILENT: ClientOptions = {
  maxInactivityTime: 0,
  log: { level: -1, stdLog: nothing, errorLog: nothing },
};

/**
 * The server without a port of its own, without signal handlers, and without any decision about
 * who may connect: it gets WebSockets that were accepted, each with what was granted to it.
 */
export class GuacamoleServer<Admission extends object> extends Server {
  readonly #begin: (webSocket: WebSocket, socket: Duplex, admission: Admission) => void;
  readonly #admissions = new WeakMap<IncomingMessage, { socket: Duplex; admission: Admission }>();

  /** `closeTimeout` in ms; `maxPayload` in bytes, past which ws itself closes with 1009. */
  constructor(
    options: { readonly maxPayload: number; readonly closeTimeout: number },
    begin: (webSocket: WebSocket, socket: Duplex, admission: Admission) => void,
  ) {
    const wsOptions: ServerOptions & { closeTimeout: number; maxFragments: number } = {
      ...options,
      // The library adds a port unless this key is there.
      server: undefined,
      noServer: true,
      perMessageDeflate: false,
      // Of a message. Browsers send none; each is work that no limit of messages would count.
      maxFragments: MAX_FRAGMENTS,
      // ws cuts who floods pings and reads no answer, without a word: the tunnel has words for that.
      autoPong: false,
      handleProtocols: () => 'guacamole',
    };
    super(wsOptions, {}, SILENT);
    this.#begin = begin;
    for (const [signal, handler] of [
      ['SIGTERM', this.sigTermHandler],
      ['SIGINT', this.sigIntHandler],
    ] as const) {
      if (handler) process.removeListener(signal, handler);
    }
    this.sigTermHandler = null;
    this.sigIntHandler = null;
  }

  /** False when the socket went away before it became a WebSocket. */
  accept(request: IncomingMessage, socket: Duplex, head: Buffer, admission: Admission): boolean {
    let accepted = false;
    this.#admissions.set(request, { socket, admission });
    this.webSocketServer.handleUpgrade(request, socket, head, (webSocket) => {
      accepted = true;
      this.webSocketServer.emit('connection', webSocket, request);
    });
    return accepted;
  }

  override async newConnection(webSocket: WebSocket, request: IncomingMessage): Promise<void> {
    const accepted = this.#admissions.get(request);
    if (accepted) this.#begin(webSocket, accepted.socket, accepted.admission);
    else webSocket.terminate();
  }
}

/** A connection that is handed what was granted to it, and decrypts nothing. */
export abstract class GrantedConnection extends ClientConnection {
  constructor(id: string, webSocket: WebSocket, grant: TunnelGrant) {
    // The base class calls decryptToken and mergeConnectionOptions before fields of ours exist:
    // `query` is the way in that it stores first.
    super(SILENT, id, webSocket, grant, { processConnectionSettings: nothing });
  }

  get grant(): TunnelGrant {
    return this.query as TunnelGrant;
  }

  /** No parameters: nothing that the library keeps or prints may hold a password. */
  override decryptToken(): { connection: { type: string } } {
    return { connection: this.mergeConnectionOptions() };
  }

  override mergeConnectionOptions(): { type: string } {
    return { type: this.grant.protocol };
  }

  abstract override connect(): void;
  abstract override close(): void;
}

/** Where guacd's bytes go, without a copy. */
export interface ByteReader {
  /** Where the next bytes go; asked for anew after each read. */
  room(): Buffer;
  /** So many bytes were read into `room()`. */
  read(count: number): void;
}

/**
 * guacd's socket as bytes, which go to a reader. Events: `connected`; `error`, and always one `close`
 * with the error if there was one. The handshake and the reading of instructions are not here.
 */
export class GuacdSocket extends GuacdClient {
  /** Throws nothing: an address that cannot be connected to becomes `error` and `close`. */
  constructor(guacd: GuacdAddress, protocol: string, reader: ByteReader, turn: Turn) {
    // Goes on by itself, unless it was paused meanwhile.
    const goOn = (): void => {
      if (!this.guacdConnection.isPaused()) this.guacdConnection.resume();
    };
    const onread: OnReadOpts = {
      buffer: () => reader.room(),
      callback: (count) => {
        reader.read(count);
        return turn.took(count, goOn);
      },
    };
    // net.connect(port, host) takes an options object for `port`.
    const port: NetConnectOpts =
      'path' in guacd ? { ...guacd, onread } : { ...guacd, noDelay: true, onread };
    super({ port }, protocol, {}, { log: nothing });
    clearInterval(this.activityCheckInterval);
    // The base class decodes each chunk by itself, which breaks characters that were split.
    this.guacdConnection.removeAllListeners('data');
    this.once('close', () => turn.leave());
  }

  override processConnectionOpen(): void {
    this.emit('connected');
  }

  /** guacd said `ready`. */
  opened(): void {
    this.state = this.STATE_OPEN;
  }

  /** False when guacd does not keep up: wait for the socket's `drain`. */
  write(data: Buffer | string): boolean {
    return this.state === this.STATE_CLOSED || this.guacdConnection.write(data);
  }
}
