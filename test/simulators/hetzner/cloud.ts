import { Refusal, invalidInput, notFound } from './refusal.ts';

export const SERVER_STATES = [
  'initializing',
  'starting',
  'running',
  'stopping',
  'off',
  'deleting',
  'rebuilding',
  'migrating',
  'unknown',
] as const;
export type ServerState = (typeof SERVER_STATES)[number];

/** A VNC server that stands behind a server's console. */
export interface ConsolePeer {
  readonly host: string;
  readonly port: number;
  setPassword(password: string): Promise<void>;
}

export interface SimulatedServer {
  readonly id: number;
  readonly name: string;
  status: ServerState;
  labels: Record<string, string>;
  readonly created: string;
  readonly type: string;
  readonly image: string;
  readonly datacenter: string;
  readonly peer: ConsolePeer | null;
}

interface Action {
  readonly id: number;
  readonly command: string;
  readonly server: number;
  readonly started: number;
  readonly finished: number;
  done: boolean;
  readonly effect: () => void;
}

const TYPES = ['cx22', 'cpx11'];
const IMAGES = ['debian-12', 'ubuntu-24.04'];
export const DATACENTERS = ['fsn1-dc14', 'nbg1-dc3'];
/** How long an action runs. ms */
const ACTION_MS = 30;
/** RFC 1123 names, and labels as the cloud documents them. */
const NAME = /^[A-Za-z0-9]([A-Za-z0-9.-]{0,61}[A-Za-z0-9])?$/;
const LABEL_KEY = /^[A-Za-z0-9]([A-Za-z0-9_./-]{0,61}[A-Za-z0-9])?$/;
const LABEL_VALUE = /^([A-Za-z0-9]([A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?)?$/;

/** What there is in the project, and the rules of what may be done to it. */
export class Cloud {
  readonly #servers = new Map<number, SimulatedServer>();
  readonly #actions = new Map<number, Action>();
  #id = 100;

  add(server: Partial<Omit<SimulatedServer, 'id'>> & { name: string }): SimulatedServer {
    const made: SimulatedServer = {
      id: (this.#id += 1),
      status: 'running',
      labels: {},
      created: new Date().toISOString(),
      type: 'cx22',
      image: 'debian-12',
      datacenter: 'fsn1-dc14',
      peer: null,
      ...server,
    };
    this.#servers.set(made.id, made);
    return made;
  }

  /** It is gone without an action: somebody deleted it elsewhere. */
  remove(id: number): void {
    this.#servers.delete(id);
  }

  get servers(): SimulatedServer[] {
    this.#settle();
    return [...this.#servers.values()];
  }

  server(id: number): SimulatedServer {
    this.#settle();
    const server = this.#servers.get(id);
    if (!server) throw notFound('server');
    return server;
  }

  actions(ids: readonly number[]): object[] {
    this.#settle();
    return ids.flatMap((id) => {
      const action = this.#actions.get(id);
      return action ? [view(action)] : [];
    });
  }

  create(body: Record<string, unknown>): { server: SimulatedServer; action: object } {
    const { name, server_type: type, image, datacenter, labels = {} } = body;
    if (typeof name !== 'string' || !NAME.test(name)) throw invalidInput('name', 'invalid name');
    if (this.servers.some((server) => server.name === name)) {
      throw new Refusal(409, 'uniqueness_error', 'server name is already used');
    }
    const wanted = { type: nameOf(TYPES, type), image: nameOf(IMAGES, image) };
    if (!wanted.type) throw invalidInput('server_type', 'unknown server type');
    if (!wanted.image) throw invalidInput('image', 'unknown image');
    const where = datacenter === undefined ? DATACENTERS[0] : nameOf(DATACENTERS, datacenter);
    if (!where) throw invalidInput('datacenter', 'unknown datacenter');
    const server = this.add({
      name,
      status: 'initializing',
      type: wanted.type,
      image: wanted.image,
      datacenter: where,
      labels: checkedLabels(labels),
    });
    const starts = body['start_after_create'] !== false;
    const action = this.act(server, 'create_server', () => {
      server.status = starts ? 'running' : 'off';
    });
    return { server, action };
  }

  relabel(server: SimulatedServer, labels: unknown): void {
    server.labels = checkedLabels(labels);
  }

  delete(server: SimulatedServer): object {
    server.status = 'deleting';
    return this.act(server, 'delete_server', () => this.#servers.delete(server.id));
  }

  power(server: SimulatedServer, command: string): object {
    if (['deleting', 'initializing', 'rebuilding', 'migrating'].includes(server.status)) {
      throw new Refusal(423, 'locked', 'server is locked');
    }
    const becomes = POWER[command];
    if (!becomes) throw notFound('action');
    if (server.status === 'off' && command !== 'poweron' && command !== 'poweroff') {
      throw new Refusal(422, 'server_not_started', 'server is not started');
    }
    const on = becomes === 'running';
    const effect = (): void => {
      server.status = becomes;
    };
    const action = this.act(server, COMMANDS[command] ?? command, effect);
    if (command === 'poweron' && server.status === 'off') server.status = 'starting';
    if (!on && server.status === 'running') server.status = 'stopping';
    return action;
  }

  /** @throws Refusal `locked` while another action runs on the server. */
  act(server: SimulatedServer, command: string, effect: () => void = () => undefined): object {
    this.#settle();
    for (const action of this.#actions.values()) {
      if (action.server === server.id && !action.done) {
        throw new Refusal(423, 'locked', 'server is locked');
      }
    }
    const started = Date.now();
    const action = {
      id: (this.#id += 1),
      command,
      server: server.id,
      started,
      finished: started + ACTION_MS,
      done: false,
      effect,
    };
    this.#actions.set(action.id, action);
    return view(action);
  }

  #settle(): void {
    for (const action of this.#actions.values()) {
      if (action.done || action.finished > Date.now()) continue;
      action.done = true;
      action.effect();
    }
  }
}

const POWER: Readonly<Record<string, ServerState>> = {
  poweron: 'running',
  poweroff: 'off',
  reset: 'running',
  reboot: 'running',
  shutdown: 'off',
};

const COMMANDS: Readonly<Record<string, string>> = {
  poweron: 'start_server',
  poweroff: 'stop_server',
  reset: 'reset_server',
  reboot: 'reboot_server',
  shutdown: 'shutdown_server',
};

export const CATALOGUE = {
  server_types: TYPES.map((name, index) => ({
    id: index + 1,
    name,
    description: name.toUpperCase(),
    cores: 2,
    memory: 4,
    disk: 40,
    prices: [],
  })),
  images: IMAGES.map((name, index) => ({
    id: index + 1,
    type: 'system',
    status: 'available',
    name,
    description: name,
    image_size: null,
    disk_size: 5,
    created: '2024-01-01T00:00:00+00:00',
    deprecated: null,
    os_flavor: name.split('-')[0],
    os_version: name.split('-')[1],
    labels: {},
  })),
  datacenters: DATACENTERS.map((name, index) => ({
    id: index + 1,
    name,
    description: name,
    location: { id: index + 1, name: name.split('-')[0], network_zone: 'eu-central' },
    server_types: { supported: [1, 2], available: [1, 2] },
  })),
} as const;

/** By its name, or by its number in the catalogue. */
function nameOf(names: readonly string[], wanted: unknown): string | undefined {
  if (typeof wanted === 'number') return names[wanted - 1];
  return names.find((name) => name === wanted || String(names.indexOf(name) + 1) === wanted);
}

function checkedLabels(labels: unknown): Record<string, string> {
  const entries = Object.entries((labels ?? {}) as Record<string, unknown>);
  for (const [key, value] of entries) {
    if (!LABEL_KEY.test(key) || typeof value !== 'string' || !LABEL_VALUE.test(value)) {
      throw invalidInput('labels', 'invalid label');
    }
  }
  return Object.fromEntries(entries) as Record<string, string>;
}

function view({ id, command, server, started, finished, done }: Action): object {
  return {
    id,
    command,
    status: done ? 'success' : 'running',
    progress: done ? 100 : 0,
    started: new Date(started).toISOString(),
    finished: done ? new Date(finished).toISOString() : null,
    resources: [{ id: server, type: 'server' }],
    error: null,
  };
}
