import type { ShellPeer } from '../../support/shell.ts';
import { Refusal } from './refusal.ts';

/** A guest as a test writes it down. */
export interface SimulatedGuest {
  vmid: number;
  type: 'qemu' | 'lxc';
  node: string;
  /** Absent as of a guest whose node has not reported. */
  name?: string;
  status: 'running' | 'stopped' | 'unknown';
  /** QEMU's own word. */
  qmpstatus?: string;
  lock?: string;
  /** Its QEMU answers nothing. */
  hangs?: boolean;
  tags?: string;
  pool?: string;
  template?: boolean;
  config?: Readonly<Record<string, string>>;
  /** Its VNC server: QEMU's own, or vncterm's. */
  screen?: {
    readonly host: string;
    readonly port: number;
    setPassword(password: string, expires?: string): Promise<void>;
  };
  /** What its terminal shows. */
  shell?: ShellPeer;
}

/** The cluster's guests and nodes, and what may be done to them when. */
export class Cluster {
  readonly guests: SimulatedGuest[] = [];
  /** Nodes that are off or cut off. */
  readonly offline = new Set<string>();

  /** @throws Refusal as a node does that has no such configuration file. */
  find(node: string, type: string, vmid: number): SimulatedGuest {
    const found = this.guests.find((guest) => guest.vmid === vmid);
    if (found?.node === node && found.type === type) return found;
    const folder = type === 'qemu' ? 'qemu-server' : 'lxc';
    const file = `nodes/${node}/${folder}/${vmid}.conf`;
    throw new Refusal(500, `Configuration file '${file}' does not exist`);
  }

  /** In the list; what nobody has heard of for a while is unknown, without a name. */
  entry(guest: SimulatedGuest): object {
    const { vmid, type, node, status, name, lock, tags, pool, template } = guest;
    const base = { id: `${type}/${vmid}`, vmid, node, type };
    const kept = { ...(lock && { lock }), ...(tags && { tags }), ...(pool && { pool }) };
    if (status === 'unknown' || this.offline.has(node)) {
      return { ...base, status: 'unknown', ...kept };
    }
    const usage = { uptime: 60, maxcpu: 1, cpu: 0.01, maxmem: 1, mem: 1, maxdisk: 1, disk: 0 };
    const seen = status === 'running' ? (guest.qmpstatus ?? status) : status;
    return { ...base, status: seen, name, template: Number(template ?? false), ...usage, ...kept };
  }

  current(guest: SimulatedGuest): object {
    const { vmid, type, status, name, lock, tags } = guest;
    const qmpstatus = status === 'running' ? (guest.qmpstatus ?? 'running') : status;
    return {
      ...{ vmid, name, status, ha: { managed: 0 } },
      ...(type === 'qemu' ? { qmpstatus } : { type: 'lxc' }),
      ...{ ...(lock && { lock }), ...(tags && { tags }) },
    };
  }

  /**
   * Begins a task. What it refuses at once is less than what comes of it: a lock is found by the task,
   * whose end nobody waits for.
   */
  command(guest: SimulatedGuest, word: string): string {
    const { type, vmid, node, status, lock } = guest;
    const words: Readonly<Record<string, readonly string[]>> = {
      qemu: ['start', 'stop', 'reset', 'shutdown', 'reboot', 'suspend', 'resume'],
      lxc: ['start', 'stop', 'shutdown', 'reboot'],
    };
    if (!words[type]?.includes(word)) {
      const path = `/nodes/${node}/${type}/${vmid}/status/${word}`;
      throw new Refusal(501, `Method 'POST ${path}' not implemented`);
    }
    const isRunning = status === 'running';
    const what = type === 'qemu' ? 'VM' : 'CT';
    if (type === 'lxc' && word === 'start' && isRunning) {
      throw new Refusal(500, `CT ${vmid} already running`);
    }
    const free = word === 'start' || (type === 'qemu' && ['stop', 'shutdown'].includes(word));
    if (!free && !isRunning) throw new Refusal(500, `${what} ${vmid} not running`);
    if (guest.hangs && word === 'reset') {
      const why = "qmp command 'system_reset' failed - got timeout";
      throw new Refusal(500, `VM ${vmid} ${why}`);
    }
    if (guest.qmpstatus === 'paused' && ['shutdown', 'reboot'].includes(word)) {
      throw new Refusal(500, 'VM is paused - cannot shutdown');
    }
    if (!lock || lock === 'suspended') this.#done(guest, word);
    return `UPID:${node}:0000ABCD:00001234:65000000:${type}${word}:${vmid}:console@pve:`;
  }

  #done(guest: SimulatedGuest, word: string): void {
    switch (word) {
      case 'start':
      case 'resume':
      case 'reset':
      case 'reboot':
        guest.status = 'running';
        delete guest.qmpstatus;
        delete guest.lock;
        return;
      case 'suspend':
        guest.qmpstatus = 'paused';
        return;
      default:
        guest.status = 'stopped';
        delete guest.qmpstatus;
    }
  }
}
