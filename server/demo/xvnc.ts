import { createCipheriv, randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { childEnvironment, startChild } from '../platform/child-process.ts';
import { xauthorityOf } from '../platform/xauthority.ts';
import { greeting, LOOPBACK, onFreePort } from './loopback.ts';
import { waitUntil } from './wait-until.ts';

export interface XvncOptions {
  /** Size of the screen in pixels. */
  width: number;
  height: number;
  /** An existing folder; everything made goes into one new folder in it. */
  dir: string;
  /** The name that the server tells its viewers. */
  name?: string;
}

/** A running X server whose screen is served by VNC, with nothing on it yet. */
export interface Xvnc {
  readonly host: string;
  readonly port: number;
  /** The VncAuth password, eight random characters. */
  readonly password: string;
  /** The X display, e.g. `:3`. */
  readonly display: string;
  readonly xauthority: string;
  /** The scratch home folder of the programs on this screen; also their working directory. */
  readonly home: string;
  /** The whole environment for X clients of this screen: nothing of ours, no secret, leaks in. */
  readonly env: NodeJS.ProcessEnv;
  /** Ends the server and removes its folder. May be called twice. */
  stop(): Promise<void>;
}

/**
 * Starts TigerVNC's X server on a free display and a free loopback port, reachable by VNC with
 * a random password and by X clients with a random cookie; resolves once it answers to both.
 */
export async function startXvnc(options: XvncOptions): Promise<Xvnc> {
  const folder = await mkdtemp(join(options.dir, 'xvnc-'));
  const home = join(folder, 'home');
  await mkdir(home);
  const password = randomBytes(6).toString('base64url');
  const xauthority = join(folder, 'xauthority');
  await writeFile(xauthority, xauthorityOf(randomBytes(16)), { mode: 0o600 });
  await writeFile(join(folder, 'passwd'), obfuscated(password), { mode: 0o600 });
  try {
    const server = await onFreePort((port) => startServer(folder, port, options));
    return {
      host: LOOPBACK,
      port: server.port,
      password,
      display: server.display,
      xauthority,
      home,
      env: childEnvironment({
        HOME: home,
        LANG: 'C.UTF-8',
        SHELL: '/bin/bash',
        DISPLAY: server.display,
        XAUTHORITY: xauthority,
      }),
      async stop() {
        await server.child.stop();
        // X clients that lose their server may write a last file meanwhile, a history for example.
        await rm(folder, { recursive: true, force: true, maxRetries: 5 });
      },
    };
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
}

async function startServer(folder: string, port: number, { width, height, name }: XvncOptions) {
  // The server picks a free display itself and writes its number to a descriptor: no race.
  const displayFile = join(folder, 'display');
  const child = await startChild({
    name: 'xvnc',
    command: 'sh',
    args: [
      ...['-c', 'exec Xtigervnc "$@" 3>"$0"', displayFile, '-displayfd', '3'],
      ...['-geometry', `${width}x${height}`, '-depth', '24', '-dpi', '96'],
      ...['-desktop', name ?? 'Rackside', '-auth', join(folder, 'xauthority')],
      ...['-rfbport', String(port), '-localhost', '-interface', LOOPBACK],
      ...['-nolisten', 'tcp', '-SecurityTypes', 'VncAuth'],
      ...['-PasswordFile', join(folder, 'passwd'), '-AlwaysShared', '-AcceptSetDesktopSize'],
      // Every viewer comes from loopback: one with a wrong password must not lock out the rest.
      ...['-BlacklistThreshold', '1000000', '-s', '0'],
    ],
    env: childEnvironment({ HOME: folder, LANG: 'C.UTF-8' }),
    cwd: folder,
  });
  try {
    const number = await waitUntil(
      async () => /^\d+(?=\n)/.exec(await readFile(displayFile, 'utf8'))?.[0],
      { timeout: 15_000, what: 'an X display', child },
    );
    await waitUntil(async () => (await greeting(port)).startsWith('RFB 003.'), {
      timeout: 5000,
      what: 'the RFB greeting',
      child,
    });
    return { port, display: `:${number}`, child };
  } catch (error) {
    await child.stop();
    throw error;
  }
}

/**
 * The content of a VNC password file, as `vncpasswd -f` (of a package that is not always there)
 * makes it: DES under a key known to everybody, hence only the file's mode protects it. Single
 * DES is gone from OpenSSL 3; triple DES with three equal keys is the same function.
 */
function obfuscated(password: string): Buffer {
  // 23, 82, 107, 6, 35, 78, 88, 7 with the bits of each byte mirrored, as VNC's DES has them.
  const key = Buffer.from('e84ad660c4721ae0', 'hex');
  const cipher = createCipheriv('des-ede3-ecb', Buffer.concat([key, key, key]), null);
  return cipher.update(password.padEnd(8, '\0').slice(0, 8), 'latin1');
}
