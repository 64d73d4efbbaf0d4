import { randomUUID } from 'node:crypto';
import { logBook } from '../../support/log-book.ts';
import type { QemuPeer } from '../../support/qemu.ts';
import { Refusal } from './refusal.ts';

export interface EngineVmOptions {
  readonly name: string;
  readonly status?: string;
  /** What runs behind it; none where no console is opened. */
  readonly peer?: QemuPeer;
  readonly protocols?: readonly ('vnc' | 'spice')[];
  /** Whether the host is in FIPS mode, where tickets are passwords of SASL. */
  readonly fips?: boolean;
  /** Where its screen is said to be; the peer's place where absent. */
  readonly address?: string;
  readonly port?: number;
  readonly tags?: readonly string[];
  readonly properties?: Readonly<Record<string, string>>;
  readonly description?: string;
  readonly cluster?: string;
}

/** States in which SetVmTicketCommand gives out tickets. */
const OPENS = ['up', 'paused', 'powering_up', 'powering_down', 'reboot_in_progress'];

/** From which states an action is taken, and to which it leads. */
const ACTIONS: Readonly<Record<string, { from: readonly string[]; to: string }>> = {
  start: { from: ['down', 'paused', 'suspended'], to: 'up' },
  stop: { from: ['up', 'paused', 'suspended', 'powering_up', 'powering_down'], to: 'down' },
  shutdown: { from: ['up', 'powering_up'], to: 'powering_down' },
  reboot: { from: ['up', 'powering_up'], to: 'reboot_in_progress' },
  reset: { from: ['up'], to: 'up' },
  suspend: { from: ['up'], to: 'suspended' },
};

/** A machine as the engine knows it, and what its host does with a real one. */
export class EngineVm {
  readonly id = randomUUID();
  readonly options: EngineVmOptions;
  status: string;
  /** What it shows itself by; who restarts a machine may have changed it. */
  protocols: readonly ('vnc' | 'spice')[];
  /** After a start it is not there at once: for how many looks at it. */
  wakes = 0;
  /** Another user has its console. */
  held = false;
  /** What its viewer's file has besides; as an engine of another version may write it. */
  alsoInFile = (_token: string): readonly string[] => [];
  /** Tickets that were set, in their order. */
  readonly tickets: { readonly value: string; readonly expiry: number }[] = [];

  constructor(options: EngineVmOptions) {
    this.options = options;
    this.status = options.status ?? 'up';
    this.protocols = options.protocols ?? ['vnc'];
  }

  get opens(): boolean {
    return OPENS.includes(this.status);
  }

  view(): object {
    const { name, description = '', tags = [], properties = {} } = this.options;
    const [type = 'vnc'] = this.protocols;
    if (this.status === 'wait_for_launch' && (this.wakes -= 1) < 0) this.status = 'up';
    return {
      id: this.id,
      href: `/ovirt-engine/api/vms/${this.id}`,
      name,
      description,
      status: this.status,
      memory: 1_073_741_824,
      stateless: false,
      display: { type, monitors: 1, smartcard_enabled: false },
      ...(this.opens && { host: { id: HOST_ID, href: `/ovirt-engine/api/hosts/${HOST_ID}` } }),
      ...(Object.keys(properties).length > 0 && {
        custom_properties: {
          custom_property: Object.entries(properties).map(([key, value]) => ({ name: key, value })),
        },
      }),
      tags: tags.length > 0 ? { tag: tags.map((tag) => ({ id: randomUUID(), name: tag })) } : {},
    };
  }

  /** Without `current` what it is made for, without a place. */
  consoles(current: boolean): object {
    const { peer, address, port } = this.options;
    if (current && !this.opens) return {};
    const place = {
      address: address ?? peer?.host ?? '127.0.0.1',
      port: port ?? peer?.port ?? 5900,
    };
    return {
      graphics_console: this.protocols.map((protocol) => ({
        id: Buffer.from(protocol).toString('hex'),
        protocol,
        ...(current && { ...place, tls_port: protocol === 'spice' ? 5901 : -1 }),
      })),
    };
  }

  /** As vdsm does it. @throws Refusal in the engine's words. */
  async setTicket(consoleId: string, value: string, expiry: number): Promise<void> {
    const protocol = Buffer.from(consoleId, 'hex').toString();
    if (!this.protocols.some((known) => known === protocol)) {
      throw new Refusal(404, `Entity not found: ${consoleId}`);
    }
    if (!this.opens) {
      throw new Refusal(409, `[Cannot set VM ticket. VM is ${this.status}.]`);
    }
    if (this.held) {
      throw new Refusal(
        409,
        '[Console connection denied. Another user has already accessed the console of this VM. The ' +
          'VM should be rebooted to allow another user to access it, or changed by an admin to not ' +
          'enforce reboot between users accessing its console.]',
      );
    }
    this.tickets.push({ value: logBook.secret(value), expiry });
    const { peer, fips } = this.options;
    if (fips) await peer?.setSaslPassword(`vnc-${this.id}`, value);
    else await peer?.setPassword(value, `+${expiry}`);
  }

  act(word: string): void {
    const action = ACTIONS[word];
    if (!action) throw new Refusal(404, `no action ${word}`);
    if (!action.from.includes(this.status)) {
      throw new Refusal(409, `[Cannot ${word} VM. VM is ${this.status}.]`);
    }
    this.status = word === 'start' && this.wakes > 0 ? 'wait_for_launch' : action.to;
  }

  /** What the engine writes for virt-viewer: the second section is the account's own. */
  viewerFile(protocol: string, token: string): string {
    const ticket = this.tickets.at(-1)?.value ?? '';
    return [
      '[virt-viewer]',
      `type=${protocol}`,
      'host=127.0.0.1',
      `port=${this.options.peer?.port ?? 5900}`,
      `password=${ticket}`,
      '# Password is valid for 120 seconds.',
      'delete-this-file=1',
      'fullscreen=0',
      `title=${this.options.name}:%d`,
      ...this.alsoInFile(token),
      '',
      '[ovirt]',
      'host=engine.example:443',
      `vm-guid=${this.id}`,
      `sso-token=${token}`,
      'admin=1',
      '',
    ].join('\n');
  }
}

export const HOST_ID = randomUUID();
