import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { type Socket, connect } from 'node:net';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { childEnvironment } from '../../server/platform/child-process.ts';
import { type Image, decodePng } from './image.ts';
import { logBook } from './log-book.ts';
import { ServerProcess } from './server-process.ts';
import { until } from './until.ts';

const run = promisify(execFile);

/** How its VNC server lets people in. */
export type QemuSecurity = 'password' | 'x509' | 'x509-sasl' | 'none';

export interface QemuOptions {
  readonly security?: QemuSecurity;
  /** Of the account that SASL knows. */
  readonly sasl?: { readonly username: string; readonly password: string };
  /** What the machine boots: GRUB's prompt, or nothing but its firmware. */
  readonly boot?: 'grub' | 'firmware';
  /** Where its VNC server listens; 127.0.0.1 where absent. */
  readonly host?: '127.0.0.1' | '::1';
}

/** Where Debian's grub-rescue-pc has it. */
export const GRUB = '/usr/lib/grub-rescue/grub-rescue-cdrom.iso';

/** A real virtual machine whose VNC server is QEMU's own, without hardware acceleration. */
export class QemuPeer {
  readonly host: string;
  readonly #process: ServerProcess;

  private constructor(process: ServerProcess, host: string) {
    this.#process = process;
    this.host = host;
  }

  static async start(options: QemuOptions = {}): Promise<QemuPeer> {
    const { security = 'password', sasl, boot = 'firmware', host = '127.0.0.1' } = options;
    const process = await ServerProcess.start({
      name: 'qemu',
      async spec(port, dir) {
        if (security.startsWith('x509')) await makeCertificates(join(dir, 'tls'));
        if (sasl) await makeSaslAccount(dir, sasl);
        const address = host.includes(':') ? `[${host}]` : host;
        const vnc = [`${address}:${port - 5900}`, ...SECURITY[security]].join(',');
        return {
          command: 'qemu-system-x86_64',
          args: [
            ...['-machine', 'pc', '-accel', 'tcg', '-m', '64', '-nodefaults', '-vga', 'std'],
            ...['-serial', 'none', '-monitor', 'none'],
            ...[
              '-object',
              `tls-creds-x509,id=tls,dir=${dir}/tls,endpoint=server,verify-peer=no`,
            ].slice(0, security.startsWith('x509') ? 2 : 0),
            ...['-vnc', vnc, '-qmp', `unix:${dir}/qmp,server=on,wait=off`],
            ...(boot === 'grub' ? ['-cdrom', GRUB, '-boot', 'd'] : []),
          ],
          env: { ...childEnvironment(), SASL_CONF_PATH: dir },
        };
      },
      ready: (port, child) =>
        until(() => accepts(port, host), {
          timeout: 10_000,
          what: 'qemu to accept connections',
          child,
        }),
    });
    return new QemuPeer(process, host);
  }

  get port(): number {
    return this.#process.port;
  }

  /** The CA of its certificate, PEM. */
  get caFile(): string {
    return join(this.#process.dir, 'tls', 'ca-cert.pem');
  }

  /** Sets the VNC password, as a hypervisor's ticket does; `expires` is QMP's own notation. */
  async setPassword(password: string, expires = 'never'): Promise<void> {
    logBook.secret(password);
    await this.qmp('set_password', { protocol: 'vnc', password });
    await this.qmp('expire_password', { protocol: 'vnc', time: expires });
  }

  /** Sets the password of one account that SASL knows, as a host in FIPS mode does with a ticket. */
  async setSaslPassword(username: string, password: string): Promise<void> {
    logBook.secret(password);
    await makeSaslAccount(this.#process.dir, { username, password });
  }

  /** One command of QEMU's machine protocol. @throws Error with what QEMU says against it. */
  qmp(command: string, args: object = {}): Promise<unknown> {
    return askQmp(join(this.#process.dir, 'qmp'), command, args);
  }

  /** What stands on its screen, which has to be in VGA's text mode, as GRUB's is: 25 lines of 80. */
  async screenText(): Promise<string> {
    const memory = { 'command-line': 'xp /4000bx 0xb8000' };
    const dump = String(await this.qmp('human-monitor-command', memory));
    const bytes = [...dump.matchAll(/ 0x([0-9a-f]{2})/g)].map(([, hex]) => Number(`0x${hex}`));
    // Each character is followed by its colours.
    const text = String.fromCharCode(...bytes.filter((_byte, index) => index % 2 === 0));
    return (text.match(/.{80}/gs) ?? []).map((line) => line.trimEnd()).join('\n');
  }

  /** Its screen as pixels, of the machine itself and past its VNC server. */
  async screenshot(): Promise<Image> {
    const filename = join(this.#process.dir, `${randomUUID()}.png`);
    await this.qmp('screendump', { filename, format: 'png' });
    return decodePng(await readFile(filename));
  }

  /** Ends the machine as a pulled plug would. */
  kill(): Promise<void> {
    return this.#process.kill();
  }

  stop(): Promise<void> {
    return this.#process.stop();
  }
}

/** One command to the machine whose QMP is at this socket. */
export async function askQmp(path: string, command: string, args: object = {}): Promise<unknown> {
  const socket = connect(path);
  try {
    await once(socket, 'connect');
    const lines = createInterface({ input: socket })[Symbol.asyncIterator]();
    await lines.next();
    await ask(socket, lines, 'qmp_capabilities', {});
    return await ask(socket, lines, command, args);
  } finally {
    socket.destroy();
  }
}

const SECURITY: Readonly<Record<QemuSecurity, readonly string[]>> = {
  none: [],
  password: ['password=on'],
  x509: ['password=on', 'tls-creds=tls'],
  'x509-sasl': ['tls-creds=tls', 'sasl=on'],
};

async function ask(
  socket: Socket,
  lines: AsyncIterator<string>,
  execute: string,
  args: object,
): Promise<unknown> {
  socket.write(`${JSON.stringify({ execute, arguments: args })}\n`);
  for (;;) {
    const { value, done } = await lines.next();
    if (done) throw new Error(`qemu hung up before it answered ${execute}`);
    const answer = JSON.parse(value) as { return?: unknown; error?: { desc: string } };
    if (answer.error) throw new Error(`${execute}: ${answer.error.desc}`);
    if ('return' in answer) return answer.return;
  }
}

async function accepts(port: number, host: string): Promise<boolean> {
  const socket = connect(port, host);
  socket.on('error', () => undefined);
  const found = await Promise.race([
    once(socket, 'connect').then(() => true),
    once(socket, 'close').then(() => false),
  ]).catch(() => false);
  socket.destroy();
  return found;
}

/** A CA and a certificate for `localhost`, as an engine gives its hosts. */
async function makeCertificates(dir: string): Promise<void> {
  await mkdir(dir);
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'];
  const openssl = (...args: string[]) => run('openssl', args, { cwd: dir });
  await openssl(
    'req',
    '-x509',
    ...key,
    '-subj',
    '/CN=lab CA',
    '-keyout',
    'ca-key.pem',
    '-out',
    'ca-cert.pem',
  );
  await openssl(
    'req',
    ...key.slice(0, -2),
    '-subj',
    '/CN=localhost',
    '-keyout',
    'server-key.pem',
    '-out',
    'server.csr',
  );
  await writeFile(join(dir, 'names'), 'subjectAltName=DNS:localhost\n');
  await openssl(
    ...[
      'x509',
      '-req',
      '-in',
      'server.csr',
      '-days',
      '2',
      '-CA',
      'ca-cert.pem',
      '-CAkey',
      'ca-key.pem',
    ],
    ...['-extfile', 'names', '-out', 'server-cert.pem'],
  );
}

async function makeSaslAccount(
  dir: string,
  { username, password }: NonNullable<QemuOptions['sasl']>,
): Promise<void> {
  const file = join(dir, 'sasldb2');
  await writeFile(
    join(dir, 'qemu.conf'),
    `mech_list: scram-sha-256\nsasldb_path: ${file}\npwcheck_method: auxprop\nauxprop_plugin: sasldb\n`,
  );
  const made = execFile('saslpasswd2', ['-f', file, '-a', 'qemu', '-c', '-p', username]);
  made.stdin?.end(password);
  await once(made, 'exit');
}
