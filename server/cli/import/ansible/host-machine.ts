import { accessSync, constants } from 'node:fs';
import { resolve } from 'node:path';
import type { Notes } from '../notes.ts';
import type { Value } from '../section.ts';
import { expandHome } from '../source-text.ts';
import type { HostVariables } from './host-variables.ts';
import type { Host } from './inventory.ts';

type Console = Readonly<Record<string, Value>>;

/** By the last part of the connection's name: `ansible.builtin.ssh`, `ssh`. */
const CONSOLE_OF: Readonly<Record<string, 'ssh' | 'rdp'>> = {
  ...{ smart: 'ssh', ssh: 'ssh', paramiko: 'ssh', paramiko_ssh: 'ssh', network_cli: 'ssh' },
  ...{ libssh: 'ssh', winrm: 'rdp', psrp: 'rdp' },
};

/** The consoles of a host; undefined, and noted, where it is reached by nothing that has one. */
export function consolesOf(host: Host, vars: HostVariables, notes: Notes): Console | undefined {
  const connection = vars.text('ansible_connection') ?? 'ssh';
  const kind = CONSOLE_OF[connection.slice(connection.lastIndexOf('.') + 1)];
  if (!kind) {
    const place = vars.place('ansible_connection');
    notes.add(
      place,
      host.name,
      `is left out: ansible_connection ${connection} leads to no console`,
    );
    return undefined;
  }
  const names = ['ansible_host', 'ansible_ssh_host', 'ansible_winrm_host', 'ansible_psrp_host'];
  const address = vars.text(...names);
  if (address === undefined && names.some((name) => vars.has(name))) {
    notes.add(vars.place(...names), host.name, 'is left out: its address is not known');
    return undefined;
  }
  const login = { host: address ?? host.name };
  return kind === 'ssh' ? { ssh: sshOf(login, vars, notes) } : { rdp: rdpOf(login, vars, notes) };
}

function sshOf(login: { host: string }, vars: HostVariables, notes: Notes): Console {
  const keyFile = keyFileOf(vars, notes);
  const passphrase = vars.secret('ansible_ssh_private_key_passphrase');
  for (const name of ['ansible_ssh_common_args', 'ansible_ssh_extra_args', 'ansible_ssh_args']) {
    if (vars.text(name) === undefined) continue;
    const why =
      'are options of OpenSSH, a jump host may be one: guacd has to reach the host itself';
    notes.add(vars.place(name), name, why);
  }
  return {
    ...login,
    port: portOf(vars.text('ansible_port', 'ansible_ssh_port')),
    username: vars.text('ansible_user', 'ansible_ssh_user'),
    password: vars.secret('ansible_password', 'ansible_ssh_pass', 'ansible_ssh_password'),
    ...(keyFile !== undefined && { privateKeyFile: keyFile, passphrase }),
  };
}

/** Who manages a host by WinRM gets its desktop: the same account, by the port of Remote Desktop. */
function rdpOf(login: { host: string }, vars: HostVariables, notes: Notes): Console {
  const ports = ['ansible_port', 'ansible_winrm_port', 'ansible_psrp_port'];
  if (vars.text(...ports) !== undefined) {
    const why = "is WinRM's: the console connects to Remote Desktop, port 3389";
    notes.add(vars.place(...ports), 'port', why);
  }
  const user = vars.text('ansible_ssh_user', 'ansible_user', 'ansible_winrm_user');
  const [, domain, username = user] = /^([^\\]+)\\(.+)$/.exec(user ?? '') ?? [];
  const unchecked =
    vars.text('ansible_winrm_server_cert_validation', 'ansible_psrp_cert_validation') === 'ignore';
  const params = {
    ...(domain !== undefined && { domain }),
    ...(unchecked && { 'ignore-cert': true }),
  };
  const passwords = ['ansible_ssh_pass', 'ansible_password', 'ansible_winrm_pass'];
  return {
    ...login,
    username,
    password: vars.secret(...passwords, 'ansible_winrm_password', 'ansible_psrp_password'),
    ...(Object.keys(params).length > 0 && { params }),
  };
}

function keyFileOf(vars: HostVariables, notes: Notes): string | undefined {
  const names = ['ansible_private_key_file', 'ansible_ssh_private_key_file'];
  const written = vars.text(...names);
  if (written === undefined) return undefined;
  const file = resolve(expandHome(written));
  try {
    accessSync(file, constants.R_OK);
    return file;
  } catch {
    const place = vars.place(...names.toReversed());
    notes.add(place, 'private key', `${file} cannot be read here`);
    return undefined;
  }
}

/** What is no number is told by the schema. */
function portOf(text: string | undefined): Value {
  return text !== undefined && /^\d+$/.test(text) ? Number(text) : text;
}
