import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { childEnvironment } from '../../server/platform/child-process.ts';
import { logBook } from './log-book.ts';
import { ServerProcess } from './server-process.ts';
import { until } from './until.ts';

const run = promisify(execFile);

/** Accounts of the simulated BMC: one that may do all, and one that may only look. */
const ADMIN = { username: 'admin', password: logBook.secret(randomBytes(8).toString('hex')) };
const GUEST = { username: 'guest', password: logBook.secret(randomBytes(8).toString('hex')) };

export interface IpmiOptions {
  /** Where the server's serial line is: a TCP port on loopback. */
  readonly serialPort?: number;
}

/** OpenIPMI's simulator of a BMC, with a real serial line behind its serial over LAN. */
export class IpmiPeer {
  readonly admin = ADMIN;
  readonly guest = GUEST;
  readonly #process: ServerProcess;

  private constructor(process: ServerProcess) {
    this.#process = process;
  }

  static async start({ serialPort = 1 }: IpmiOptions = {}): Promise<IpmiPeer> {
    const process = await ServerProcess.start({
      name: 'ipmi',
      async spec(port, dir) {
        await mkdir(join(dir, 'state'), { recursive: true });
        await writeFile(join(dir, 'chassis.sh'), CHASSIS, { mode: 0o700 });
        await writeFile(join(dir, 'power'), '1');
        await writeFile(join(dir, 'lan.conf'), lanConf(port, dir, serialPort));
        await writeFile(join(dir, 'bmc.emu'), EMU);
        const args = ['-c', 'lan.conf', '-f', 'bmc.emu', '-s', './state', '-n', '-d'];
        return { command: 'ipmi_sim', args, cwd: dir };
      },
      ready: (port, child) =>
        until(() => answers(port), { timeout: 10_000, what: 'ipmi_sim to answer', child }),
    });
    return new IpmiPeer(process);
  }

  get host(): string {
    return this.#process.host;
  }

  get port(): number {
    return this.#process.port;
  }

  /** What was done to the server, one line each: `set power 0`, `set identify 0 1`. */
  async done(): Promise<string[]> {
    const log = await readFile(join(this.#process.dir, 'done'), 'utf8').catch(() => '');
    return log.split('\n').filter(Boolean);
  }

  kill(): Promise<void> {
    return this.#process.kill();
  }

  restart(): Promise<void> {
    return this.#process.restart();
  }

  stop(): Promise<void> {
    return this.#process.stop();
  }
}

/** Asked by the simulator: the device, `get` or `set`, what, and the values. */
const CHASSIS = `#!/bin/sh
dir=$(dirname "$0"); shift
case "$1 $2" in
  'get power') echo "power:$(cat "$dir/power")";;
  'get boot') echo "boot:$(cat "$dir/boot" 2>/dev/null || echo none)";;
  'set power'|'set boot') echo "$3" > "$dir/$2"; echo "$*" >> "$dir/done";;
  'set shutdown') echo 0 > "$dir/power"; echo "$*" >> "$dir/done";;
  set*) echo "$*" >> "$dir/done";;
esac
`;

const EMU = `mc_setbmc 0x20
mc_add 0x20 0 no-device-sdrs 0x23 1 0 0x9f 0x1291 0xf02
sel_enable 0x20 1000 0x0a
mc_enable 0x20
`;

function lanConf(port: number, dir: string, serialPort: number): string {
  return `name "labbmc"
set_working_mc 0x20
  startlan 1
    addr 127.0.0.1 ${port}
    priv_limit admin
    allowed_auths_callback none md5
    allowed_auths_user md5
    allowed_auths_operator md5
    allowed_auths_admin md5
    guid "LABBMC0123456789"
  endlan
  chassis_control "${dir}/chassis.sh 0x20"
  sol "tcp:127.0.0.1:${serialPort}" 115200
  user 1 false "" "" user 10 none
  user 2 true "${ADMIN.username}" "${ADMIN.password}" admin 10 md5
  user 3 true "${GUEST.username}" "${GUEST.password}" user 10 md5
`;
}

async function answers(port: number): Promise<boolean> {
  const args = ['-I', 'lanplus', '-C', '3', '-H', '127.0.0.1', '-p', String(port), '-N', '1'];
  const command = ['-U', ADMIN.username, '-E', 'chassis', 'power', 'status'];
  const env = childEnvironment({ IPMI_PASSWORD: ADMIN.password });
  await run('ipmitool', [...args, ...command], { env, timeout: 5000 });
  return true;
}
