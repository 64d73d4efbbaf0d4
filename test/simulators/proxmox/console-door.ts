import { randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import type { Duplex } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { WebSocketServer, createWebSocketStream } from 'ws';
import { logBook } from '../../support/log-book.ts';
import type { ShellPeer } from '../../support/shell.ts';
import type { SimulatedGuest } from './cluster.ts';
import { Refusal } from './refusal.ts';
import { TermproxyReader } from './termproxy-reader.ts';
import type { Tickets } from './tickets.ts';

/** `old` as before qemu-server 9.1.7: tickets of any port, and the ticket in the password's place. */
export type Era = 'old' | 'current';

/** A port that waits for its one connection. */
interface Listener {
  readonly guest: SimulatedGuest;
  readonly kind: 'vnc' | 'terminal';
  readonly timer: NodeJS.Timeout;
}

const FIRST_PORT = 5900;
/** pveproxy takes no larger frame. Bytes */
const MOST_PAYLOAD = 128 * 1024;

/** vncproxy, termproxy and vncwebsocket. */
export class ConsoleDoor {
  era: Era = 'current';
  /** How long a port waits. ms */
  listens = 10_000;
  /** Connections that got in. */
  opened = 0;
  /** Sizes that terminals were told. */
  readonly sizes: (readonly [columns: number, rows: number])[] = [];
  readonly #tickets: Tickets;
  readonly #listeners = new Map<number, Listener>();
  readonly #sockets = new WebSocketServer({
    noServer: true,
    perMessageDeflate: false,
    maxPayload: MOST_PAYLOAD,
  });
  #next = 0;

  constructor(tickets: Tickets) {
    this.#tickets = tickets;
  }

  async vncproxy(guest: SimulatedGuest, user: string): Promise<object> {
    const port = this.#listen(guest, 'vnc');
    const ticket = this.#ticket(guest, user, port);
    if (this.era === 'old') {
      await guest.screen?.setPassword(ticket, '+30');
      return { user, ticket, port: String(port), upid: 'UPID:…', cert: 'PEM' };
    }
    const password = logBook.secret(randomBytes(6).toString('base64'));
    await guest.screen?.setPassword(password, '+30');
    return { user, ticket: `${password}:${ticket}`, port, upid: 'UPID:…', cert: 'PEM', password };
  }

  termproxy(guest: SimulatedGuest, user: string): object {
    const port = this.#listen(guest, 'terminal');
    return { user, ticket: this.#ticket(guest, user, port), port, upid: 'UPID:…' };
  }

  /** @throws Refusal for a ticket that is not this one's. */
  check(guest: SimulatedGuest, user: string, { port = '', vncticket = '' }): void {
    if (!this.#isTicket(vncticket, guest, user, Number(port))) {
      throw new Refusal(401, 'permission denied - invalid PVEVNC ticket');
    }
  }

  /** Where nothing listens any more the connection is just gone, as pveproxy has it. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer, port: number): void {
    const listener = this.#listeners.get(port);
    if (!listener) return void socket.destroy();
    this.#listeners.delete(port);
    clearTimeout(listener.timer);
    this.#sockets.handleUpgrade(request, socket, head, (client) => {
      this.opened += 1;
      const near = createWebSocketStream(client);
      near.on('error', () => client.terminate());
      const serving =
        listener.kind === 'vnc'
          ? showScreen(near, listener.guest)
          : this.#serve(near, listener, port);
      // pveproxy says no goodbye.
      void serving.catch(() => undefined).then(() => client.terminate());
    });
  }

  /** Cuts every console, as a node does that goes down. */
  cut(): void {
    for (const client of this.#sockets.clients) client.terminate();
    for (const { timer } of this.#listeners.values()) clearTimeout(timer);
    this.#listeners.clear();
  }

  /** Sign-in, then the shell; typed messages one way, plain bytes the other. */
  async #serve(near: Duplex, { guest }: Listener, port: number): Promise<void> {
    const { shell } = guest;
    const reader = new TermproxyReader();
    near.on('data', (chunk: Buffer) => reader.push(chunk));
    const ended = new Promise<void>((resolve) => {
      near.once('close', resolve).once('end', resolve);
    });
    const line = await Promise.race([reader.line(), ended]);
    if (!line || !shell) return;
    const [user = '', ...ticket] = line.split(':');
    // The old sign-in knows accounts alone, and `!` is in no account's name.
    if (this.era === 'old' && user.includes('!')) return;
    if (!this.#isTicket(ticket.join(':'), guest, user, port)) return;
    near.write('OK');
    await Promise.race([this.#attach(near, reader, shell), ended]);
  }

  async #attach(near: Duplex, reader: TermproxyReader, shell: ShellPeer): Promise<void> {
    const show = (chunk: Buffer): void => void near.write(chunk);
    shell.stream.on('data', show);
    near.once('close', () => shell.stream.off('data', show));
    reader.onData = (data) => shell.stream.write(data);
    reader.onSize = (columns, rows) => {
      this.sizes.push([columns, rows]);
      void shell.resize(columns, rows);
    };
    await new Promise((resolve) => {
      shell.stream.once('end', resolve).once('close', resolve);
    });
  }

  #listen(guest: SimulatedGuest, kind: Listener['kind']): number {
    const port = FIRST_PORT + (this.#next % 100);
    this.#next += 1;
    const timer = setTimeout(() => this.#listeners.delete(port), this.listens);
    this.#listeners.set(port, { guest, kind, timer });
    return port;
  }

  #ticket({ vmid }: SimulatedGuest, user: string, port: number): string {
    const path = `/vms/${vmid}`;
    return this.#tickets.issueVnc(this.era === 'old' ? { user, path } : { user, path, port });
  }

  #isTicket(ticket: string, { vmid }: SimulatedGuest, user: string, port: number): boolean {
    const path = `/vms/${vmid}`;
    return this.#tickets.isVnc(ticket, this.era === 'old' ? { user, path } : { user, path, port });
  }
}

async function showScreen(near: Duplex, { screen }: SimulatedGuest): Promise<void> {
  if (!screen) return;
  const far = connect(screen.port, screen.host);
  try {
    await Promise.race([pipeline(near, far), pipeline(far, near)]);
  } finally {
    far.destroy();
  }
}
