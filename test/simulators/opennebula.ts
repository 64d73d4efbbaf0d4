import { randomBytes } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { logBook } from '../support/log-book.ts';
import { type CommonFault, Faults } from './faults.ts';
import { type Certificate, RemoteServer } from './remote-server.ts';

/** What the next answers can be in the place of the right ones. */
export type OnedFault = CommonFault | OwnFault;
type OwnFault = 'cut' | 'nonsense' | 'bomb' | 'external';

/** A VM as a test writes it down; `numbers` are STATE and LCM_STATE. */
export interface SimulatedVm {
  id: number;
  name: string;
  uname?: string;
  numbers: [state: number, lcm: number];
  /** As `onevm lock` leaves it. */
  locked?: boolean;
  /** Where it ran, the oldest first. */
  hosts?: string[];
  graphics?: Record<string, string>;
  nics?: Record<string, string>[];
  context?: Record<string, string>;
  attributes?: Record<string, string>;
}

type Value = string | number | boolean;

const CODES = { authentication: 256, missing: 1024, action: 2048, api: 4096, locked: 32_768 };
const ACTIVE = 3;
const DONE = 6;
const RUNNING: [number, number] = [ACTIVE, 3];

/** From which state each action leads where; LCM 3 is RUNNING, STATE 8 POWEROFF, 5 SUSPENDED. */
const ACTIONS: Record<string, { from: (vm: SimulatedVm) => boolean; to: [number, number] }> = {
  resume: { from: ({ numbers: [state] }) => [4, 5, 8, 9].includes(state), to: RUNNING },
  poweroff: { from: isRunning, to: [8, 0] },
  'poweroff-hard': { from: isRunning, to: [8, 0] },
  reboot: { from: isRunning, to: RUNNING },
  'reboot-hard': { from: isRunning, to: RUNNING },
  suspend: { from: isRunning, to: [5, 0] },
};

/**
 * oned's XML-RPC as its source has it: the session with each call, typed values, pages by a negative
 * end, short and whole VMs, error codes in the answer's third value, rules of a VM's state.
 */
export class OpenNebulaSimulator {
  /** As in one_auth. */
  readonly session = `oneadmin:${logBook.secret(randomBytes(16).toString('hex'))}`;
  readonly vms: SimulatedVm[] = [];
  /** Methods with what they were called with, but for the session. */
  readonly calls: string[] = [];
  readonly url: string;
  /** Lets nobody in. */
  refusesAll = false;
  readonly remote: RemoteServer;
  readonly faults: Faults<OwnFault>;

  static async start(tls?: Certificate): Promise<OpenNebulaSimulator> {
    const remote = await RemoteServer.start(tls);
    const simulator = new OpenNebulaSimulator(remote);
    remote.server.on('request', (request, response) => void simulator.#answer(request, response));
    return simulator;
  }

  private constructor(remote: RemoteServer) {
    this.remote = remote;
    this.url = `${remote.origin}/RPC2`;
    const begins = done('<VM_POOL></VM_POOL>').slice(0, 90);
    this.faults = new Faults<OwnFault>({ type: 'text/xml', begins, own: SPOILS });
  }

  stop(): void {
    this.remote.stop();
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const refused = refusalOf(request);
    if (refused) return void response.writeHead(refused).end();
    if (await this.faults.spoil(response)) return;
    const text = Buffer.concat(chunks).toString('utf8');
    const answer = this.#call(text);
    response.writeHead(200, { 'content-type': 'text/xml; charset=utf-8' }).end(answer);
  }

  #call(text: string): string {
    const method = /<methodName>([\w.]+)<\/methodName>/.exec(text)?.[1] ?? '';
    const [session, ...values] = valuesOf(text);
    if (!(method in SIGNATURES)) return faultOf(-506, `Method '${method}' not defined`);
    const types = values.map((value) => typeof value).join(' ');
    if (types !== SIGNATURES[method]) return faultOf(-501, `Wrong values for ${method}: ${types}`);
    this.calls.push(`${method} ${values.join(' ')}`);
    if (session !== this.session || this.refusesAll) {
      return failed(`[${method}] User couldn't be authenticated, aborting.`, CODES.authentication);
    }
    if (method.startsWith('one.vmpool.')) return this.#pool(method, values as number[]);
    const id = method === 'one.vm.action' ? values[1] : values[0];
    const vm = this.vms.find((one) => one.id === id);
    if (!vm) return failed(`[${method}] Error getting virtual machine [${id}].`, CODES.missing);
    return method === 'one.vm.action' ? act(vm, String(values[0])) : done(whole(vm));
  }

  #pool(method: string, [filter = 0, start = 0, end = 0, state = 0]: number[]): string {
    if (filter < -4 || state < -2) return failed(`[${method}] wrong filter`, CODES.api);
    const known = this.vms
      .filter(({ numbers }) => state === -2 || numbers[0] !== DONE)
      .toSorted((one, other) => one.id - other.id);
    const page =
      end < -1
        ? known.slice(start, start - end)
        : known.filter(({ id }) => id >= start && (end === -1 || id <= end));
    const write = method.endsWith('extended') ? whole : short;
    return done(`<VM_POOL>${page.map(write).join('')}</VM_POOL>`);
  }
}

/** Types of the values after the session. */
const SIGNATURES: Record<string, string> = {
  'one.vmpool.info': 'number number number number',
  'one.vmpool.infoextended': 'number number number number',
  'one.vm.info': 'number boolean',
  'one.vm.action': 'string number',
};

function refusalOf({ url, method, headers }: IncomingMessage): number | undefined {
  if (url !== '/RPC2') return 404;
  if (method !== 'POST') return 405;
  return headers['content-type']?.startsWith('text/xml') ? undefined : 400;
}

function isRunning({ numbers }: SimulatedVm): boolean {
  return numbers[0] === ACTIVE && numbers[1] === 3;
}

function act(vm: SimulatedVm, action: string): string {
  if (vm.locked) return failed(`Error performing action "${action}": locked`, CODES.locked);
  const known = ACTIONS[action];
  if (!known) return failed(`Wrong action: ${action}`, CODES.action);
  if (!known.from(vm)) {
    const message = `Error performing action "${action}": not available for this state`;
    return failed(message, CODES.action);
  }
  vm.numbers = known.to;
  return done(vm.id);
}

function valuesOf(text: string): Value[] {
  const found = text.matchAll(/<value><(string|i4|int|boolean)>([\s\S]*?)<\/\1><\/value>/g);
  return [...found].map(([, type, raw = '']) => {
    if (type === 'boolean') return raw === '1';
    if (type !== 'string') return Number(raw);
    return raw.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');
  });
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

function elements(
  of: Record<string, string>,
  wrap = (text: string) => `<![CDATA[${text}]]>`,
): string {
  return Object.entries(of)
    .map(([name, text]) => `<${name}>${wrap(text)}</${name}>`)
    .join('');
}

function head({ id, name, uname = 'oneadmin', numbers: [state, lcm] }: SimulatedVm): string {
  const user = `<UNAME>${escaped(uname)}</UNAME><GNAME>users</GNAME>`;
  const states = `<STATE>${state}</STATE><LCM_STATE>${lcm}</LCM_STATE>`;
  return `<ID>${id}</ID><UID>2</UID><GID>1</GID>${user}<NAME>${escaped(name)}</NAME>${states}<DEPLOY_ID>one-${id}</DEPLOY_ID>`;
}

function history(hosts: readonly string[]): string {
  const records = hosts.map(
    (host, seq) => `<HISTORY><SEQ>${seq}</SEQ><HOSTNAME>${host}</HOSTNAME></HISTORY>`,
  );
  return records.length === 0
    ? '<HISTORY_RECORDS/>'
    : `<HISTORY_RECORDS>${records.join('')}</HISTORY_RECORDS>`;
}

function graphicsOf({ graphics }: SimulatedVm): string {
  return graphics ? `<GRAPHICS>${elements(graphics)}</GRAPHICS>` : '';
}

function whole(vm: SimulatedVm): string {
  const { nics = [], context = {}, attributes = {}, hosts = [] } = vm;
  const nicElements = nics.map((nic) => `<NIC>${elements(nic)}</NIC>`).join('');
  const template = `<CPU>1</CPU>${graphicsOf(vm)}${nicElements}<CONTEXT>${elements(context)}</CONTEXT>`;
  return `<VM>${head(vm)}<TEMPLATE>${template}</TEMPLATE><USER_TEMPLATE>${elements(attributes)}</USER_TEMPLATE>${history(hosts)}</VM>`;
}

/** What to_xml_short leaves: addresses of NICs, labels, the last host. */
function short(vm: SimulatedVm): string {
  const { nics = [], attributes = {}, hosts = [] } = vm;
  const address = ({ IP = '' }: Record<string, string>) => `<NIC><IP>${IP}</IP></NIC>`;
  const template = `${graphicsOf(vm)}${nics.map(address).join('')}`;
  const { LABELS } = attributes;
  const user =
    LABELS === undefined
      ? '<USER_TEMPLATE/>'
      : `<USER_TEMPLATE>${elements({ LABELS })}</USER_TEMPLATE>`;
  return `<VM>${head(vm)}<TEMPLATE>${template}</TEMPLATE>${user}${history(hosts.slice(-1))}</VM>`;
}

function envelope(content: string): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\r\n<methodResponse>\r\n${content}\r\n</methodResponse>\r\n`;
}

function answerOf(values: readonly string[]): string {
  const data = values.map((value) => `<value>${value}</value>`).join('\r\n');
  return envelope(
    `<params>\r\n<param><value><array><data>\r\n${data}\r\n</data></array></value></param>\r\n</params>`,
  );
}

function done(result: string | number): string {
  const value =
    typeof result === 'number' ? `<i4>${result}</i4>` : `<string>${escaped(result)}</string>`;
  return answerOf(['<boolean>1</boolean>', value, '<i4>0</i4>', '<i4>-1</i4>']);
}

function failed(message: string, code: number): string {
  return answerOf([
    '<boolean>0</boolean>',
    `<string>${escaped(message)}</string>`,
    `<i4>${code}</i4>`,
    '<i4>-1</i4>',
  ]);
}

function faultOf(code: number, message: string): string {
  const member = (name: string, value: string) =>
    `<member><name>${name}</name><value>${value}</value></member>`;
  const members =
    member('faultCode', `<i4>${code}</i4>`) +
    member('faultString', `<string>${escaped(message)}</string>`);
  return envelope(`<fault><value><struct>${members}</struct></value></fault>`);
}

/** Ten lines that would be gigabytes. */
const BOMB = `<?xml version="1.0"?><!-- <![CDATA[ --><!DOCTYPE a [<!ENTITY x0 "${'x'.repeat(100)}">${Array.from(
  { length: 9 },
  (_, at) => `<!ENTITY x${at + 1} "${`&x${at};`.repeat(10)}">`,
).join('')}]><methodResponse><params>&x9;</params></methodResponse><!-- ]]> -->`;
const EXTERNAL =
  '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY p SYSTEM "file:///etc/passwd">]><methodResponse>&p;</methodResponse>';

function always(text: string) {
  return (response: ServerResponse) =>
    void response.writeHead(200, { 'content-type': 'text/xml' }).end(text);
}

const SPOILS = {
  cut: always(done('<VM_POOL><VM><ID>1</ID>')),
  nonsense: always('{"vms": []}'),
  bomb: always(BOMB),
  external: always(EXTERNAL),
};
