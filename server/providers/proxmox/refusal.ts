import { GatewayError } from '../../errors.ts';
import { RemoteFault, type RemoteFaultCode, faultOfStatus } from '../remote-fault.ts';
import type { RemoteAnswer } from '../remote-http.ts';
import type { Credentials } from './credentials.ts';
import { errorReply } from './replies.ts';

/** What a call was about, for the sentence. */
export interface Subject {
  /** The provider's id. */
  readonly name: string;
  /** With what the gateway signs in. */
  readonly what: Credentials['what'];
  /** `VM web (100)`; absent where it was about no guest. */
  readonly guest?: string | undefined;
  readonly node?: string | undefined;
}

/** AnyEvent::HTTP's codes, which the node that we ask passes on of a node that it cannot reach. */
const NODE_AWAY: ReadonlySet<number> = new Set([595, 596, 597, 598, 599]);
const NO_CONFIG =
  /Configuration file '[^']*' does not exist|no such (VM|CT)|unable to find configuration file/i;
/** QEMU itself does not answer its node, as one that hangs or is being stopped. */
const QEMU_AWAY = /qmp command|qmp socket/i;
const STATE = /already running|is locked|is paused|can't lock file/i;

/** Proxmox has understood a call and does not do it, or could not. Its own sentence is not told on. */
export function refusalOf(
  { name, what, guest, node }: Subject,
  answer: RemoteAnswer,
): GatewayError {
  const { status } = answer;
  const said = `${answer.reason}\n${messageOf(answer)}`;
  const about = guest ? `${name}: ${guest}` : name;
  const error = (
    row: ConstructorParameters<typeof GatewayError>[0],
    message: string,
    fault?: RemoteFaultCode,
  ) => {
    const cause = said.trim() || undefined;
    return new GatewayError(row, message, { cause: fault ? new RemoteFault(fault, cause) : cause });
  };
  if (status === 401) {
    return error('provider_refused', `${name} does not accept ${what}`, 'CREDENTIALS');
  }
  if (status === 403) {
    const [, where = '', privilege = ''] =
      /\((\/[\w/.-]*), ([A-Z]\w*(?:[.|]\w+)*)\)/.exec(said) ?? [];
    const lacks = privilege ? `${privilege} on ${where}` : 'a privilege for it';
    return error('provider_refused', `${about}: ${what} lacks ${lacks}`, 'PERMISSION');
  }
  if (NODE_AWAY.has(status)) {
    const which = node ? `node ${node}` : 'the node';
    return error('target_unreachable', `${about}: ${which} does not answer`);
  }
  if (NO_CONFIG.test(said)) return error('machine_not_found', `${about} is not there any more`);
  if (/not running/i.test(said)) return error('machine_not_running', `${about} is not running`);
  if (QEMU_AWAY.test(said)) {
    return error('machine_busy', `${about}: its QEMU does not answer, try again`);
  }
  if (STATE.test(said)) return error('power_unavailable', `${about}: its state does not allow it`);
  if (status === 404 || status === 501) {
    const message = `${name} does not know the call (HTTP ${status}): is \`url\` that of a node, …:8006?`;
    return error('provider_unavailable', message, 'NO_SUCH_PATH');
  }
  const fault = faultOfStatus(status).code;
  return error('provider_unavailable', `${name} answers HTTP ${status}`, fault);
}

function messageOf({ text }: RemoteAnswer): string {
  try {
    return errorReply.parse(JSON.parse(text)).message ?? '';
  } catch {
    return '';
  }
}
