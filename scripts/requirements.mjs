/**
 * What each profile needs beside npm packages, and how to see that it is there.
 *
 * A requirement is seen by its file, not by its package: a newer or hand-installed tool is used as it
 * is. `package` is what apt installs when none of `commands` is found; `services` are the units that
 * this package would start at the next boot, which a tool for tests and demos has no business to do.
 *
 * @typedef {{ commands: string[], package: string, services?: string[] }} Requirement `commands`: names,
 *   or full paths of files that are no commands
 */
import { accessSync, constants, existsSync, readdirSync } from 'node:fs';
import { delimiter, isAbsolute, join } from 'node:path';

/** guacd loads its protocols from these; each is a package of its own. */
const GUACD_CLIENTS = ['vnc', 'ssh', 'rdp', 'telnet'];

/** @type {Requirement} */
const redis = {
  commands: ['redis-server'],
  package: 'redis-server',
  services: ['redis-server.service'],
};

/** @type {Requirement[]} */
const desktop = [
  { commands: ['Xtigervnc'], package: 'tigervnc-standalone-server' },
  { commands: ['vncpasswd', 'tigervncpasswd'], package: 'tigervnc-tools' },
  { commands: ['openbox'], package: 'openbox' },
  { commands: ['xterm'], package: 'xterm' },
  { commands: ['xclock'], package: 'x11-apps' },
  { commands: ['xsetroot'], package: 'x11-xserver-utils' },
  { commands: ['sshd'], package: 'openssh-server', services: ['ssh.service', 'ssh.socket'] },
];

/** Screens for the consoles of BMCs. @type {Requirement[]} */
const screens = [
  { commands: ['chromium', 'google-chrome', 'google-chrome-stable'], package: 'chromium' },
  { commands: ['Xtigervnc'], package: 'tigervnc-standalone-server' },
  { commands: ['tigervncconfig'], package: 'tigervnc-common' },
  { commands: ['openbox'], package: 'openbox' },
  { commands: ['bwrap'], package: 'bubblewrap' },
  { commands: ['socat'], package: 'socat' },
];

/** As Debian names it in folders. */
const architecture = process.arch === 'x64' ? 'amd64' : process.arch;

/** What shows a BMC's Java console on such a screen. @type {Requirement[]} */
const javaConsoles = [
  { commands: ['javaws'], package: 'icedtea-netx' },
  {
    commands: [`/usr/lib/jvm/java-17-openjdk-${architecture}/lib/libawt_xawt.so`],
    package: 'openjdk-17-jre',
  },
  { commands: ['xterm'], package: 'xterm' },
  { commands: ['xprop'], package: 'x11-utils' },
  { commands: ['ip'], package: 'iproute2' },
];

/** @type {Requirement[]} */
const testTools = [
  ...screens,
  ...javaConsoles,
  // Makes the viewer of a simulated board, and signs it as badly as those are.
  { commands: ['javac'], package: 'openjdk-17-jdk-headless' },
  { commands: ['xrdp'], package: 'xrdp', services: ['xrdp.service', 'xrdp-sesman.service'] },
  // RDP with NLA, which xrdp does not have.
  { commands: ['freerdp-shadow-cli'], package: 'freerdp2-shadow-x11' },
  { commands: ['winpr-hash'], package: 'winpr-utils' },
  // Debian's telnetd insists on an inetd and a syslogd beside it.
  {
    commands: ['telnetd'],
    package: 'inetutils-telnetd',
    services: ['inetutils-inetd.service', 'inetutils-syslogd.service', 'openbsd-inetd.service'],
  },
  { commands: ['slapd'], package: 'slapd', services: ['slapd.service'] },
  // Virtual machines, what they boot, and the accounts of a VNC server that asks for SASL.
  { commands: ['qemu-system-x86_64'], package: 'qemu-system-x86' },
  { commands: ['/usr/lib/grub-rescue/grub-rescue-cdrom.iso'], package: 'grub-rescue-pc' },
  { commands: ['saslpasswd2'], package: 'sasl2-bin', services: ['saslauthd.service'] },
  // A client of Hetzner's cloud that we did not write, to see whether our simulator is like it.
  { commands: ['hcloud'], package: 'hcloud-cli' },
  // A simulated BMC with IPMI, and what speaks with it.
  { commands: ['ipmi_sim'], package: 'openipmi', services: ['openipmi.service'] },
  { commands: ['ipmitool'], package: 'ipmitool', services: ['ipmievd.service'] },
  { commands: ['xev'], package: 'x11-utils' },
  { commands: ['xdotool'], package: 'xdotool' },
  // What stands before several gateways.
  { commands: ['haproxy'], package: 'haproxy', services: ['haproxy.service'] },
  { commands: ['nginx'], package: 'nginx', services: ['nginx.service'] },
  // Reads inventories as its users know them, to see whether our import reads the same.
  { commands: ['ansible-inventory'], package: 'ansible-core' },
  // Processes whose clock is wrong.
  { commands: ['faketime'], package: 'faketime' },
];

/** How others show a BMC's page, to compare with. @type {Requirement[]} */
const otherScreens = [
  { commands: ['firefox-esr'], package: 'firefox-esr' },
  { commands: ['Xvfb'], package: 'xvfb' },
  { commands: ['x11vnc'], package: 'x11vnc' },
];

/**
 * What the tunnel is measured with. HAProxy, guacd and a VNC server are measured where they are, and
 * missed where they are not. @type {Requirement[]}
 */
const tunnelBench = [
  redis,
  { commands: ['cc'], package: 'gcc' },
  { commands: ['/usr/include/stdio.h'], package: 'libc6-dev' },
];

/**
 * `install: false` only reports what is missing: a server's administrator decides where its Redis and
 * its guacd run.
 *
 * @type {Record<string, { guacd: boolean, install: boolean, requirements: Requirement[] }>}
 */
export const PROFILES = {
  serve: { guacd: true, install: false, requirements: [redis] },
  demo: { guacd: true, install: true, requirements: [redis, ...desktop] },
  test: { guacd: true, install: true, requirements: [redis, ...desktop, ...testTools] },
  bench: { guacd: true, install: true, requirements: [redis, ...desktop, ...testTools] },
  'bench-bmc-start': {
    ...{ guacd: true, install: true },
    requirements: [redis, ...desktop, ...testTools, ...otherScreens],
  },
  'bench-tunnel': { guacd: false, install: true, requirements: tunnelBench },
};

// Debian keeps daemons out of a user's PATH.
const COMMAND_FOLDERS = [
  ...new Set([
    ...(process.env.PATH ?? '').split(delimiter).filter(Boolean),
    '/usr/local/sbin',
    '/usr/sbin',
    '/sbin',
  ]),
];

/** The full path of a command, or undefined. @param {string} name */
export function findCommand(name) {
  if (isAbsolute(name)) return existsSync(name) ? name : undefined;
  for (const folder of COMMAND_FOLDERS) {
    const path = join(folder, name);
    try {
      accessSync(path, constants.X_OK);
      return path;
    } catch {
      // not here
    }
  }
  return undefined;
}

/** @param {Requirement[]} requirements */
export function missingRequirements(requirements) {
  return requirements.filter(({ commands }) => !commands.some(findCommand));
}

/** The parts of guacd that are not on this machine: `guacd` itself or a protocol's name. */
export function missingGuacdParts() {
  if (!findCommand('guacd')) return ['guacd', ...GUACD_CLIENTS];
  const folders = ['/usr/lib', '/usr/lib64', '/usr/local/lib', '/usr/local/lib64'];
  // Debian's libraries are in a folder named after the architecture.
  for (const entry of readdirSync('/usr/lib', { withFileTypes: true })) {
    if (entry.isDirectory() && entry.name.includes('-linux-')) {
      folders.push(join('/usr/lib', entry.name));
    }
  }
  return GUACD_CLIENTS.filter(
    (client) => !folders.some((folder) => existsSync(join(folder, `libguac-client-${client}.so`))),
  );
}
