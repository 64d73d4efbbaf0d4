import { createHash, randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { destination } from 'pino';
import { hash } from '@node-rs/argon2';
import { failWith } from '../cli/fail.ts';
import { parseConfig } from '../config.ts';
import { openConsole } from '../contract/index.ts';
import { GatewayClient } from '../gateway-client/gateway-client.ts';
import { createLogger } from '../log.ts';
import { Disposer } from '../platform/disposer.ts';
import { makeOwnedDir } from '../platform/owned-dir.ts';
import { type StartGateway, onStopSignal } from '../serve.ts';
import { startDemoDesktop } from './desktop.ts';
import { startDemoSsh } from './ssh-server.ts';

const STDERR = 2;
const USER = 'demo';

/**
 * A gateway with a desktop and an SSH server of its own, all on loopback, in a folder that is
 * removed at the end. Prints where to look; runs until Ctrl-C.
 */
export async function runDemo(
  options: { port: number },
  startGateway: StartGateway,
): Promise<void> {
  const log = createLogger('warn', destination(STDERR));
  const started = new Disposer(log);
  const stopSignal = onStopSignal();
  try {
    const demo = await startDemo(options.port, log, started, startGateway);
    say(`console: ${demo.consoleUrl}`);
    say(`portal: ${demo.url}/`);
    say(`token: ${demo.token}`);
    say(`Sign in to the portal as ${USER} with the password ${demo.password}`);
    say('Everything listens on loopback only. Ctrl-C stops it all.');
    await stopSignal;
    say('\nstopping');
  } catch (error) {
    failWith(error);
  }
  await started.dispose();
}

async function startDemo(
  port: number,
  log: ReturnType<typeof createLogger>,
  started: Disposer,
  startGateway: StartGateway,
): Promise<{ url: string; consoleUrl: string; password: string; token: string }> {
  const folder = await makeOwnedDir('demo');
  started.defer('demo folder', () => folder.remove());
  const dir = folder.path;
  const desktop = await startDemoDesktop({ width: 1280, height: 800, dir });
  started.defer('demo desktop', () => desktop.stop());
  say('started a TigerVNC desktop');
  const ssh = await startDemoSsh({ dir });
  started.defer('demo SSH server', () => ssh.stop());
  say('started an SSH server');

  const password = randomBytes(9).toString('base64url');
  const token = randomBytes(24).toString('base64url');
  const config = parseConfig(
    {
      listen: { port },
      dataDir: join(dir, 'data'),
      log: { level: 'warn' },
      users: [{ name: USER, role: 'admin', passwordHash: await hash(password) }],
      apiTokens: [
        {
          name: 'demo token',
          role: 'support',
          tokenHash: createHash('sha256').update(token).digest('hex'),
        },
      ],
      providers: [{ id: 'demo', type: 'static', machines: machinesOf(desktop, ssh) }],
    },
    'the demo',
  );
  const gateway = await startGateway(config, log);
  started.defer('gateway', () => gateway.stop());
  say('started the gateway with a Redis and a guacd of its own');
  const client = new GatewayClient({ url: gateway.url, token });
  const { url: consoleUrl } = await client.call(openConsole, {
    body: { machine: 'demo:desktop' },
  });
  return { url: gateway.url, consoleUrl, password, token };
}

function machinesOf(
  desktop: Awaited<ReturnType<typeof startDemoDesktop>>,
  ssh: Awaited<ReturnType<typeof startDemoSsh>>,
): object[] {
  const vnc = { host: desktop.host, port: desktop.port, password: desktop.password };
  const { host, port, username, privateKey } = ssh;
  return [
    { id: 'desktop', name: 'Demo desktop', type: 'vm', consoles: { vnc } },
    { id: 'shell', name: 'Demo shell', consoles: { ssh: { host, port, username, privateKey } } },
  ];
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
