import type { GuacdProtocol } from '../provider.ts';
import type { Nic, Vm } from './replies.ts';

/** Where a console of a VM is, and with what one gets in. */
export interface VmConsole {
  readonly protocol: GuacdProtocol;
  readonly host: string;
  readonly port: number;
  readonly parameters: Readonly<Record<string, string>>;
}

/** VNC authentication looks at no more. */
const VNC_PASSWORD = 8;

/**
 * The consoles of a VM. VNC is on the host where it runs now, the last of its history: LISTEN is an
 * address to listen on. SSH and RDP go to the first address whose NIC says `SSH` or `RDP`, with the
 * name and password of CONTEXT, as FireEdge does it.
 */
export function consolesOf({ TEMPLATE, HISTORY_RECORDS }: Vm): readonly VmConsole[] {
  const consoles: VmConsole[] = [];
  const { GRAPHICS, NIC, NIC_ALIAS, CONTEXT } = TEMPLATE;
  const graphics = GRAPHICS.find(({ TYPE }) => TYPE?.toUpperCase() === 'VNC');
  const host = HISTORY_RECORDS.HISTORY.at(-1)?.HOSTNAME;
  const vncPort = portOf(graphics?.PORT);
  if (graphics && host && vncPort !== undefined) {
    const password = graphics.PASSWD?.slice(0, VNC_PASSWORD);
    consoles.push({ ...{ protocol: 'vnc', host, port: vncPort }, parameters: set({ password }) });
  }
  const nics = [...NIC, ...NIC_ALIAS];
  const credentials = { username: CONTEXT.USERNAME, password: CONTEXT.PASSWORD };
  for (const [protocol, port] of [
    ['rdp', portOf(CONTEXT.RDP_PORT ?? '3389')],
    ['ssh', portOf(CONTEXT.SSH_PORT ?? '22')],
  ] as const) {
    const nic = nics.find((one) => isYes(protocol === 'rdp' ? one.RDP : one.SSH));
    const [address] = nic ? addressesOf(nic) : [];
    if (!nic || !address || port === undefined) continue;
    const parameters = set(protocol === 'rdp' ? rdpParameters(nic, credentials) : credentials);
    consoles.push({ protocol, host: address, port, parameters });
  }
  return consoles;
}

/** The kinds that it has when it runs: where its screen is, is known once it has run. */
export function kindsOf(vm: Vm): GuacdProtocol[] {
  const kinds = consolesOf(vm).map(({ protocol }) => protocol);
  const hasScreen = vm.TEMPLATE.GRAPHICS.some(({ TYPE }) => TYPE?.toUpperCase() === 'VNC');
  return hasScreen && !kinds.includes('vnc') ? ['vnc', ...kinds] : kinds;
}

/** It has a screen, which no console here shows. */
export function isOnlySpice({ TEMPLATE }: Vm): boolean {
  const types = TEMPLATE.GRAPHICS.map(({ TYPE }) => TYPE?.toUpperCase());
  return types.includes('SPICE') && !types.includes('VNC');
}

/** Its graphics of a type that cannot be shown here: SPICE. */
export function otherGraphics({ TEMPLATE }: Vm): string | undefined {
  const [graphics] = TEMPLATE.GRAPHICS;
  return graphics?.TYPE?.toUpperCase();
}

export function addressesOf(nic: Nic): string[] {
  const { EXTERNAL_IP, IP, IP6, IP6_GLOBAL, IP6_ULA } = nic;
  const all = [EXTERNAL_IP, IP, IP6, IP6_GLOBAL, IP6_ULA].filter((one) => one !== undefined);
  return [...new Set(all.filter((one) => one !== ''))];
}

function rdpParameters(
  { RDP_SERVER_LAYOUT, RDP_RESIZE_METHOD = 'display-update' }: Nic,
  credentials: { username?: string | undefined; password?: string | undefined },
): Record<string, string | undefined> {
  const { username, password } = credentials;
  return {
    ...credentials,
    security: username && password ? 'nla' : 'any',
    // Nothing that OpenNebula knows could say which certificate is the right one.
    'ignore-cert': 'true',
    'server-layout': RDP_SERVER_LAYOUT,
    'resize-method': RDP_RESIZE_METHOD,
  };
}

function portOf(text: string | undefined): number | undefined {
  const port = /^\d{1,5}$/.test(text ?? '') ? Number(text) : 0;
  return port >= 1 && port <= 65_535 ? port : undefined;
}

function isYes(text: string | undefined): boolean {
  return text?.toLowerCase() === 'yes';
}

function set(parameters: Record<string, string | undefined>): Record<string, string> {
  const given = Object.entries(parameters).filter(
    ([, value]) => value !== undefined && value !== '',
  );
  return Object.fromEntries(given) as Record<string, string>;
}
