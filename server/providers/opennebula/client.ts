import { z } from 'zod';
import { GatewayError } from '../../errors.ts';
import { everyPage } from '../every-page.ts';
import { RemoteFault, faultOfStatus } from '../remote-fault.ts';
import { type RemoteCall, RemoteHttp } from '../remote-http.ts';
import { readXml } from './read-xml.ts';
import { type Vm, vm, vmAnswer, vmPoolAnswer } from './replies.ts';
import type { OpenNebulaConfig } from './schema.ts';
import { XmlRpcFault, type XmlRpcValue, methodCall, readAnswer } from './xml-rpc.ts';

/** Error codes of OpenNebula's XML-RPC ("XML-RPC API", return values). */
const AUTHENTICATION = 0x0100;
const AUTHORIZATION = 0x0200;
const NO_EXISTS = 0x0400;
const ACTION = 0x0800;
const LOCKED = 0x8000;

/** VMs in one answer: what is being read holds up everything else of the process. */
const PAGE = { full: 25, short: 200 } as const;
/** A page of either; so much XML is read in well under a second. Bytes */
const LIMIT_BYTES = 4 * 1024 * 1024;
const ALL_VMS = -2;
const NOT_DONE = -1;

/** oned's XML-RPC. */
export class OpenNebulaClient {
  readonly #config: OpenNebulaConfig;
  readonly #http: RemoteHttp;

  constructor(config: OpenNebulaConfig) {
    const { id: name, url: base, ca, fingerprint, timeout } = config;
    this.#config = config;
    const limit = LIMIT_BYTES;
    this.#http = new RemoteHttp({ name, base, ca, fingerprint, timeout: timeout * 1000, limit });
  }

  /** All VMs that are not done. `unreadable` is told how many of a page say nothing of use. */
  async vms(unreadable: (count: number) => void, signal?: AbortSignal): Promise<Vm[]> {
    const { id, list } = this.#config;
    const method = list === 'full' ? 'one.vmpool.infoextended' : 'one.vmpool.info';
    return everyPage<Vm>({
      ...{ name: id, first: 0, idOf: ({ ID }) => ID },
      read: async (page, budget) => {
        // A negative end is the size of a page, whose start is an offset then.
        const range = [page * PAGE[list], -PAGE[list]];
        const values = [ALL_VMS, ...range, NOT_DONE];
        const body = await this.#call(method, values, { signal, budget });
        const { VM } = this.#read(vmPoolAnswer, body).VM_POOL;
        const entries = VM.flatMap((one) => vm.safeParse(one).data ?? []);
        if (entries.length < VM.length) unreadable(VM.length - entries.length);
        return { entries, count: VM.length, next: VM.length < PAGE[list] ? null : page + 1 };
      },
    });
  }

  /** Undefined where there is none, or none that the account may see. */
  async vm(id: number, signal?: AbortSignal): Promise<Vm | undefined> {
    try {
      const decrypt = true;
      return this.#read(vmAnswer, await this.#call('one.vm.info', [id, decrypt], { signal })).VM;
    } catch (error) {
      if (error instanceof OneError && error.code === NO_EXISTS) return undefined;
      throw error;
    }
  }

  /** @throws GatewayError `power_unavailable` where the VM's state does not allow it. */
  async action(id: number, action: string, signal?: AbortSignal): Promise<void> {
    await this.#call('one.vm.action', [action, id], { signal });
  }

  close(): Promise<void> {
    return this.#http.close();
  }

  /** The second value of the answer, which OpenNebula's own documents come in. */
  async #call(
    method: string,
    values: XmlRpcValue[],
    within: Pick<RemoteCall, 'signal' | 'budget'>,
  ): Promise<string> {
    const { id, session } = this.#config;
    const { status, text } = await this.#http.call('', {
      method: 'POST',
      headers: { accept: 'text/xml', 'content-type': 'text/xml' },
      body: methodCall(method, [session.reveal(), ...values]),
      ...within,
    });
    if (status !== 200) {
      const cause = faultOfStatus(status);
      throw new GatewayError('provider_unavailable', `${id} answers HTTP ${status}`, { cause });
    }
    const [success, body, code] = this.#understand(text, readAnswer);
    if (success === true) return String(body);
    throw new OneError(id, method, Number(code));
  }

  #read<T extends z.ZodType>(schema: T, body: string): z.output<T> {
    return this.#understand(body, (text) => schema.parse(readXml(text)));
  }

  #understand<T>(text: string, read: (text: string) => T): T {
    try {
      return read(text);
    } catch (cause) {
      const page = /^\s*<(!doctype html|html)/i.test(text) && 'a web page';
      const fault = cause instanceof XmlRpcFault && 'a fault: is `url` that of oned, …:2633/RPC2?';
      const issue = cause instanceof z.ZodError && `otherwise than it should: ${whereOf(cause)}`;
      const what = page || fault || issue || 'with something that is not its XML';
      const message = `${this.#config.id} answers ${what}`;
      const code = page ? 'WEB_PAGE' : fault ? 'NO_SUCH_PATH' : 'FOREIGN';
      throw new GatewayError('provider_unavailable', message, {
        cause: new RemoteFault(code, cause),
      });
    }
  }
}

/** oned has understood a call and does not do it. Its own sentence may quote what it was sent. */
class OneError extends GatewayError {
  readonly code: number;

  constructor(id: string, method: string, code: number) {
    if (code === AUTHENTICATION) {
      super('provider_refused', `${id} does not know the account: see \`session\``, {
        cause: new RemoteFault('CREDENTIALS'),
      });
    } else if (code === AUTHORIZATION) {
      super('provider_refused', `${id}: the account may not ${method}`, {
        cause: new RemoteFault('PERMISSION'),
      });
    } else if (code === NO_EXISTS) {
      super('machine_not_found', `${id} has no such VM`);
    } else if (code === ACTION) {
      super('power_unavailable', `${id}: the VM's state does not allow it`);
    } else if (code === LOCKED) {
      super('power_unavailable', `${id}: the VM is locked (onevm unlock)`);
    } else {
      super('provider_unavailable', `${id} could not do ${method} (error ${code})`);
    }
    this.code = code;
  }
}

function whereOf({ issues }: z.ZodError): string {
  return issues[0]?.path.join('.') || 'the answer';
}
