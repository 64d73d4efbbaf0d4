import { execFile } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { promisify } from 'node:util';
import { childEnvironment } from '../../platform/child-process.ts';

const run = promisify(execFile);

/** What a screen's programs see of the machine's own files: what is needed to run and to draw. */
const READABLE = [
  ...['/etc/alternatives', '/etc/chromium.d', '/etc/fonts', '/etc/icedtea-web', '/etc/ld.so.cache'],
  ...[
    '/etc/localtime',
    '/etc/nsswitch.conf',
    '/etc/passwd',
    '/etc/ssl/certs',
    '/etc/X11',
    '/opt',
    '/var/cache/fontconfig',
  ],
];
const JAVA = /^java-\d+-openjdk$/;
const LINKS = ['bin', 'lib', 'lib32', 'lib64', 'sbin'];
const POLICIES = '/etc/chromium/policies';
const HOME = '/home/console';
const FOLDER = '/run/screen';
const IMAGES = '/run/images';

export interface IsolatedPlace {
  /** The screen's own folder, as the machine has it. */
  readonly folder: string;
  readonly env: Readonly<Record<string, string>>;
  /** For the files that its programs write. Bytes. */
  readonly homeBytes: number;
  /** IP addresses that its loopback has besides its own; null for a program without sockets. */
  readonly addresses: readonly string[] | null;
  /** The folder of disk images, as the machine has it, where there is one. */
  readonly images: string | undefined;
}

/** Where an isolated screen finds its folder, its home and the disk images. */
export const ISOLATED = { folder: FOLDER, home: HOME, images: IMAGES } as const;

/** To settle its network: rights over nothing but these namespaces. */
const NETWORK_RIGHTS = [
  ...['--uid', '0', '--gid', '0'],
  ...['--cap-add', 'CAP_NET_ADMIN', '--cap-add', 'CAP_SETFCAP'],
];

/**
 * Gives loopback these addresses and lets any port be listened on; then all rights are gone, as whoever
 * is nobody in particular in a user namespace of its own has none over the one around it.
 */
const SETTLE = String.raw`
while [ "$1" != -- ]; do
  ip address replace "$1" dev lo || exit 1
  shift
done
shift
echo 0 > /proc/sys/net/ipv4/ip_unprivileged_port_start || exit 1
exec unshare --user --map-user=1000 --map-group=1000 -- "$@"
`;

/**
 * Namespaces of its own (bubblewrap): no network but loopback, no process but the screen's, no file
 * but the system's programs and its own folder, a home in memory. All of it is gone as soon as the
 * gateway or the first process of it is, however they end.
 */
export function isolated(
  { folder, env, homeBytes, addresses, images }: IsolatedPlace,
  command: readonly string[],
) {
  return [
    'bwrap',
    ...(addresses ? NETWORK_RIGHTS : []),
    ...['--unshare-all', '--die-with-parent', '--clearenv'],
    ...['--ro-bind', '/usr', '/usr', '--proc', '/proc', '--dev', '/dev', '--tmpfs', '/tmp'],
    ...LINKS.filter((name) => existsSync(`/${name}`)).flatMap((name) => [
      ...['--symlink', `usr/${name}`, `/${name}`],
    ]),
    ...[...READABLE, ...javaSettings()].flatMap((path) => ['--ro-bind-try', path, path]),
    ...['--size', String(homeBytes), '--tmpfs', '/home', '--dir', HOME],
    ...['--perms', '0755', '--dir', POLICIES],
    ...['--ro-bind', `${folder}/policy`, `${POLICIES}/managed`],
    ...['--ro-bind', `${folder}/policy`, '/etc/opt/chrome/policies/managed'],
    ...['--bind', folder, FOLDER, '--chdir', HOME],
    ...(addresses ? ['--ro-bind', `${folder}/hosts`, '/etc/hosts'] : []),
    ...(images === undefined ? [] : ['--ro-bind', images, IMAGES]),
    ...Object.entries(env).flatMap(([name, value]) => ['--setenv', name, value]),
    '--',
    ...(addresses ? ['bash', '-c', SETTLE, 'settle', ...addresses, '--'] : []),
    ...command,
  ];
}

/** To which Debian's JREs link. */
function javaSettings(): string[] {
  return readdirSync('/etc')
    .filter((name) => JAVA.test(name))
    .map((name) => `/etc/${name}`);
}

/** What this machine lets a user do without rights. Tried, since kernels and containers differ. */
export interface Capabilities {
  readonly bubblewrap: boolean;
  /** Namespaces, of which Chromium builds its own sandbox. */
  readonly sandbox: boolean;
  /** The folder of disk images. */
  readonly readsImages: boolean;
}

/** @param images the folder of disk images, where there is one. */
export async function tryCapabilities(
  asUser: readonly string[],
  images: string | undefined,
): Promise<Capabilities> {
  const isolate = [
    'bwrap',
    '--unshare-all',
    '--ro-bind',
    '/',
    '/',
    '--proc',
    '/proc',
    'socat',
    '-V',
  ];
  const reads = images !== undefined && ['test', '-r', images, '-a', '-x', images];
  const [bubblewrap, sandbox, readsImages] = await Promise.all([
    works([...asUser, ...isolate]),
    works([...asUser, 'unshare', '--user', '--pid', '--net', '--fork', 'true']),
    reads && works([...asUser, ...reads]),
  ]);
  return { bubblewrap, sandbox, readsImages };
}

async function works([command = '', ...args]: readonly string[]): Promise<boolean> {
  const options = { env: childEnvironment(), timeout: 10_000, cwd: '/' };
  return run(command, args, options).then(
    () => true,
    () => false,
  );
}
