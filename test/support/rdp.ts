import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { childEnvironment } from '../../server/platform/child-process.ts';
import { ServerProcess } from './server-process.ts';
import { until } from './until.ts';

const run = promisify(execFile);

/**
 * xrdp on a free loopback port, which shows the screen of a VNC server: whoever connects, with any
 * user name and password, is put through at once. Its certificate is new and signed by itself.
 */
export function startRdp(vnc: { port: number; password: string }): Promise<ServerProcess> {
  return ServerProcess.start({
    name: 'xrdp',
    async spec(port, dir) {
      const ini = join(dir, 'xrdp.ini');
      await makeCertificate(dir);
      await writeFile(ini, settings(port, dir, vnc), { mode: 0o600 });
      return {
        // xrdp buffers what it says until nobody waits for it any more.
        command: 'stdbuf',
        args: ['--output=L', 'xrdp', '--nodaemon', '--config', ini],
        env: childEnvironment({ HOME: dir }),
        cwd: dir,
      };
    },
    ready: (_port, child) =>
      until(() => child.output().includes('xrdp_listen_pp done'), {
        timeout: 10_000,
        what: 'xrdp to listen',
        child,
      }),
  });
}

async function makeCertificate(dir: string): Promise<void> {
  const files = ['-keyout', join(dir, 'key.pem'), '-out', join(dir, 'cert.pem')];
  const request = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2'];
  await run('openssl', [...request, '-subj', '/CN=localhost', ...files], {
    env: childEnvironment({ HOME: dir }),
  });
}

function settings(port: number, dir: string, vnc: { port: number; password: string }): string {
  return `[Globals]
ini_version=1
fork=true
port=tcp://127.0.0.1:${port}
use_vsock=false
tcp_nodelay=true
security_layer=negotiate
crypt_level=high
certificate=${join(dir, 'cert.pem')}
key_file=${join(dir, 'key.pem')}
ssl_protocols=TLSv1.2, TLSv1.3
autorun=screen
allow_channels=true
bitmap_cache=true
bitmap_compression=true
bulk_compression=true
max_bpp=32
new_cursors=true
use_fastpath=both

[Logging]
LogFile=${join(dir, 'xrdp.log')}
LogLevel=INFO
EnableSyslog=false
EnableConsole=true
ConsoleLevel=INFO

[Channels]
rdpdr=true
rdpsnd=true
drdynvc=true
cliprdr=true

[screen]
name=screen
lib=libvnc.so
ip=127.0.0.1
port=${vnc.port}
username=na
password=${vnc.password}
`;
}
