import { once } from 'node:events';
import { type Server, createServer } from 'node:http';
import { Server as TlsServer, createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { makeCertificate } from '../support/certificate.ts';

/** PEM. */
export interface Certificate {
  readonly key: string;
  readonly cert: string;
}

/** What a remote listens with: a port of the OS's on loopback, with TLS or without. */
export class RemoteServer {
  readonly server: Server | TlsServer;
  readonly #certificate: Certificate | undefined;

  private constructor(server: Server | TlsServer, certificate: Certificate | undefined) {
    this.server = server;
    this.#certificate = certificate;
  }

  static async start(certificate?: Certificate): Promise<RemoteServer> {
    const server = certificate ? createTlsServer({ ...certificate }) : createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new RemoteServer(server, certificate);
  }

  /** Without a path. */
  get origin(): string {
    const { port } = this.server.address() as AddressInfo;
    return `http${this.#certificate ? 's' : ''}://127.0.0.1:${port}`;
  }

  /** Shows a certificate that nobody knows from now on, as an intruder in between would. */
  async forgeCertificate(): Promise<void> {
    this.#show(await makeCertificate());
  }

  /** Shows its own certificate again. */
  restoreCertificate(): void {
    if (this.#certificate) this.#show(this.#certificate);
  }

  stop(): void {
    this.server.closeAllConnections();
    this.server.close();
  }

  #show(certificate: Certificate): void {
    if (!(this.server instanceof TlsServer)) throw new Error('it does not speak TLS');
    this.server.setSecureContext({ ...certificate });
    this.server.closeAllConnections();
  }
}
