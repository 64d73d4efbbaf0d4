import { GatewayError } from '../../errors.ts';
import { everyPage } from '../every-page.ts';
import { RemoteFault } from '../remote-fault.ts';
import type { RemoteAnswer, RemoteCall, RemoteHttp } from '../remote-http.ts';
import { type Subject, faultOf } from './fault.ts';
import {
  type GraphicsConsole,
  type Vm,
  actionReply,
  consolesReply,
  fileReply,
  hostReply,
  vmReply,
  vmsReply,
} from './replies.ts';
import type { OvirtSso } from './sso.ts';
import { withoutEngineToken } from './viewer-file.ts';

export interface OvirtClientParts {
  readonly name: string;
  readonly http: RemoteHttp;
  readonly sso: OvirtSso;
  readonly userLevel: boolean;
}

export interface Ticket {
  readonly value: string;
  /** s */
  readonly expiry: number;
}

type Signal = AbortSignal | undefined;

const PAGE = 200;
/** What a list is asked for along with the machines. */
const INLINED = { detail: 'current_graphics_consoles', follow: 'tags' };

/** The calls of oVirt's API version 4 that consoles need. */
export class OvirtClient {
  readonly #parts: OvirtClientParts;

  constructor(parts: OvirtClientParts) {
    this.#parts = parts;
  }

  /** All machines that the search finds, page by page. */
  async vms(search: string | undefined, signal: Signal): Promise<Vm[]> {
    const { name, http } = this.#parts;
    const about = search === undefined ? 'machines' : 'found machines';
    return everyPage<Vm>({
      ...{ name, first: 1, idOf: ({ id }) => id },
      read: async (page, budget) => {
        // The engine pages a non-administrator's list only when it is asked in these very words.
        const words = `${search ? `${search} ` : ''}sortby name asc page ${page}`;
        const query = { ...INLINED, search: words, max: PAGE };
        const { vm } = http.parse(
          vmsReply,
          await this.#call(about, '/vms', { query, budget, signal }),
        );
        return { entries: vm, count: vm.length, next: vm.length < PAGE ? null : page + 1 };
      },
    });
  }

  /** @throws GatewayError `machine_not_found` */
  async vm(id: string, signal: Signal): Promise<Vm> {
    const answer = await this.#call('machine', vmPath(id), { query: { follow: 'tags' }, signal });
    return this.#parts.http.parse(vmReply, answer);
  }

  /** Where a machine's screen is now; empty for one that does not run. */
  async consoles(id: string, signal: Signal): Promise<GraphicsConsole[]> {
    const path = `${vmPath(id)}/graphicsconsoles`;
    const answer = await this.#call('machine', path, { query: { current: 'true' }, signal });
    return this.#parts.http.parse(consolesReply, answer).graphics_console;
  }

  /** Lets whoever knows the value in, for as long as it lasts. @throws GatewayError `console_held` */
  async setTicket(id: string, console: string, ticket: Ticket, signal: Signal): Promise<void> {
    const path = `${vmPath(id)}/graphicsconsoles/${console}/ticket`;
    this.#parts.http.parse(
      actionReply,
      await this.#call('machine', path, action({ ticket }, signal)),
    );
  }

  /**
   * What virt-viewer opens, without the token that the engine writes into it; undefined when it writes
   * none now.
   *
   * @throws GatewayError `console_held`
   */
  async viewerFile(id: string, console: string, signal: Signal): Promise<string | undefined> {
    const path = `${vmPath(id)}/graphicsconsoles/${console}/remoteviewerconnectionfile`;
    const answer = await this.#call('viewer file', path, action({}, signal));
    if (answer.status === 204) return undefined;
    const { name, http, sso } = this.#parts;
    const reply = http.parse(fileReply, answer);
    const file = withoutEngineToken(reply.remote_viewer_connection_file);
    if (!file.includes(await sso.token(signal))) return file;
    const message = `${name} writes the token of the gateway's own account into a viewer's file`;
    throw new GatewayError('provider_unavailable', message);
  }

  async act(id: string, word: string, signal: Signal): Promise<void> {
    const answer = await this.#call(
      'machine',
      `${vmPath(id)}/${word}`,
      action({ async: true }, signal),
    );
    this.#parts.http.parse(actionReply, answer);
  }

  /** The name for which a host's certificate is made. */
  async hostAddress(id: string, signal: Signal): Promise<string> {
    const answer = await this.#call('machine', `/hosts/${encodeURIComponent(id)}`, { signal });
    return this.#parts.http.parse(hostReply, answer).address;
  }

  /** PEM of the CA that signs the hosts' certificates; undefined when the engine shows none. */
  async hostsCa(signal: Signal): Promise<string | undefined> {
    const { status, text } = await this.#parts.http.call('/services/pki-resource', {
      query: { resource: 'ca-certificate', format: 'X509-PEM-CA' },
      headers: { accept: '*/*' },
      signal,
    });
    return status === 200 && text.includes('-----BEGIN CERTIFICATE-----') ? text : undefined;
  }

  async #call(about: Subject, path: string, call: RemoteCall): Promise<RemoteAnswer> {
    const { name, http, sso, userLevel } = this.#parts;
    for (let renewed = false; ; renewed = true) {
      const token = await sso.token(call.signal);
      const answer = await http.call(`/api${path}`, {
        ...call,
        headers: {
          authorization: `Bearer ${token}`,
          version: '4',
          // Faults are told apart by their words, where nothing else tells.
          'accept-language': 'en-US',
          ...(userLevel && { filter: 'true' }),
          ...call.headers,
        },
      });
      if (answer.status < 300) return answer;
      if (answer.status !== 401) throw faultOf(name, about, answer);
      if (renewed) {
        const message = `${name} does not take the token that it has just issued`;
        throw new GatewayError('provider_refused', message, { cause: new RemoteFault('TOKEN') });
      }
      await sso.forget(token);
    }
  }
}

function vmPath(id: string): string {
  return `/vms/${encodeURIComponent(id)}`;
}

function action(body: object, signal: Signal): RemoteCall {
  return {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
    signal,
  };
}
