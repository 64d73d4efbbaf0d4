/**
 * A stand-in for `docker` and `podman`: `container-cli.mjs STATE run|exec|ps|rm …`. It knows the options that
 * the gateway uses and refuses every other as docker does (125). What it runs is real: the program of the
 * image, from the built gateway, in namespaces of bubblewrap's that are what the options say. STATE holds
 * `image.json` (test/simulators/containers/image.ts) and a file for each container. A container outlives the
 * process that has started it, and is gone when its first process is.
 */
import { spawn } from 'node:child_process';
import { existsSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';

const [state = '', command, ...given] = process.argv.slice(2);
const MIB = 1024 * 1024;
/** Until a container that is being made has a process. */
const STARTING_MS = 5000;
const POLL_MS = 20;

/** Options of `run`: what a value has to look like; null where there is none. */
const RUN = {
  rm: null,
  interactive: null,
  pull: /^never$/,
  'log-driver': /^none$/,
  name: /^[a-zA-Z0-9][a-zA-Z0-9_.-]+$/,
  hostname: /^[a-z0-9-]+$/,
  label: /^[a-z0-9.-]+=[a-zA-Z0-9._-]*$/,
  network: /^(none|host)$/,
  'read-only': null,
  user: /^[1-9]\d*:[1-9]\d*$/,
  'cap-drop': /^ALL$/,
  'security-opt': /^no-new-privileges$/,
  tmpfs: /^\/tmp:rw,nosuid,nodev,mode=1777,size=\d+m$/,
  'shm-size': /^\d+m$/,
  memory: /^\d+m$/,
  'memory-swap': /^\d+m$/,
  cpus: /^\d+(\.\d+)?$/,
  'pids-limit': /^\d+$/,
  ulimit: /^(nofile=4096:4096|core=0:0)$/,
};

/** @param {string} message @param {number} code @returns {never} */
function refuse(message, code = 125) {
  process.stderr.write(`container-cli: ${message}\n`);
  process.exit(code);
}

/** @param {string} name */
const fileOf = (name) => join(state, `${name}.container.json`);

/** @param {{ name: string }} container */
function keep(container) {
  // Nobody reads half of it.
  const draft = join(state, `${container.name}.${process.pid}.draft`);
  writeFileSync(draft, JSON.stringify(container));
  renameSync(draft, fileOf(container.name));
}

function containers() {
  const files = readdirSync(state).filter((name) => name.endsWith('.container.json'));
  const all = files.flatMap((name) => {
    try {
      return [JSON.parse(readFileSync(join(state, name), 'utf8'))];
    } catch (error) {
      // Gone since.
      if (error.code === 'ENOENT') return [];
      throw error;
    }
  });
  return all.filter(({ name, pid }) => {
    if (pid === null || existsSync(`/proc/${pid}/ns`)) return true;
    rmSync(fileOf(name), { force: true });
    return false;
  });
}

/** @param {readonly string[]} args @param {Record<string, RegExp | null>} known */
function parse(args, known) {
  /** @type {Record<string, string[]>} */
  const options = {};
  let at = 0;
  for (; args[at]?.startsWith('--'); at += 1) {
    const [, name = '', , value] = /^--([a-z-]+)(=(.*))?$/.exec(args[at] ?? '') ?? [];
    const pattern = known[name];
    if (pattern === undefined) refuse(`unknown flag: ${args[at]}`);
    if (pattern === null ? value !== undefined : !pattern.test(value ?? '')) {
      refuse(`invalid argument for --${name}: ${value}`);
    }
    (options[name] ??= []).push(value ?? '');
  }
  return { options, rest: args.slice(at) };
}

/** @param {Record<string, string[]>} options @param {any} image @param {readonly string[]} program */
function namespaces(options, image, program) {
  const [uid, gid] = (options['user'] ?? image.user).split(':');
  const size = Number(/size=(\d+)m/.exec(options['tmpfs'] ?? '')?.[1] ?? 64) * MIB;
  const shm = Number((options['shm-size'] ?? '64m').replace('m', '')) * MIB;
  return [
    ...[
      '--unshare-user',
      '--unshare-ipc',
      '--unshare-pid',
      '--unshare-uts',
      '--unshare-cgroup-try',
    ],
    ...(options['network'] === 'none' ? ['--unshare-net'] : []),
    ...['--hostname', options['hostname'] ?? 'container', '--uid', uid, '--gid', gid],
    ...['--clearenv', '--setenv', 'PATH', '/opt/bin:/usr/local/bin:/usr/bin:/bin'],
    ...image.mounts,
    ...['--proc', '/proc', '--dev', '/dev', '--size', String(shm), '--tmpfs', '/dev/shm'],
    ...['--perms', '1777', '--size', String(size), '--tmpfs', '/tmp'],
    ...('read-only' in options ? ['--remount-ro', '/'] : []),
    ...('cap-drop' in options ? ['--cap-drop', 'ALL'] : []),
    ...['--chdir', image.workdir, '--info-fd', '3', '--', ...image.entrypoint, ...program],
  ];
}

function run() {
  const { options, rest } = parse(given, RUN);
  const single = Object.fromEntries(Object.entries(options).map(([name, all]) => [name, all[0]]));
  const [wanted, ...program] = rest;
  const image = JSON.parse(readFileSync(join(state, 'image.json'), 'utf8'));
  if (wanted !== image.name)
    refuse(`Unable to find image '${wanted}' locally: No such image: ${wanted}`);
  const { name = 'unnamed' } = single;
  if (containers().some((each) => each.name === name)) refuse(`name ${name} is in use`);
  const container = { name, labels: options['label'] ?? [], arguments: given, pid: null };
  let pid = 0;
  let isTold = false;
  // As docker does without a terminal: the container is told, as soon as there is one.
  const tell = () => {
    if (isTold && pid) process.kill(pid, 'SIGTERM');
  };
  process.on('SIGTERM', () => {
    isTold = true;
    tell();
  });
  keep(container);
  const input = 'interactive' in options ? 0 : 'ignore';
  const child = spawn('bwrap', namespaces(single, image, program), {
    detached: true,
    stdio: [input, 1, 2, 'pipe'],
  });
  let info = '';
  child.stdio[3].on('data', (chunk) => {
    info += String(chunk);
    pid ||= Number(/"child-pid":\s*(\d+)/.exec(info)?.[1] ?? 0);
    if (pid) keep({ ...container, pid });
    tell();
  });
  const end = (code) => {
    if ('rm' in options) rmSync(fileOf(name), { force: true });
    process.exit(code);
  };
  child.on('error', (error) => {
    process.stderr.write(`${error.message}\n`);
    end(127);
  });
  child.on('exit', (code, signal) => end(signal ? 137 : code));
}

function exec() {
  const { options, rest } = parse(given, { interactive: null });
  const [name, ...program] = rest;
  const found = containers().find((each) => each.name === name);
  if (!found?.pid) refuse(`No such container: ${name}`, 1);
  const child = spawn(
    'nsenter',
    [
      ...['--target', String(found.pid), '--user', '--mount', '--net', '--pid'],
      ...['--preserve-credentials', '--', ...program],
    ],
    { stdio: ['interactive' in options ? 0 : 'ignore', 1, 2], env: { PATH: '/usr/bin:/bin' } },
  );
  child.on('exit', (code) => process.exit(code ?? 137));
}

function ps() {
  const { options, rest } = parse(given, {
    all: null,
    filter: /^label=[\w.-]+=\S+$/,
    format: /^\{\{\.Names\}\}$/,
  });
  if (rest.length > 0 || !options['format']) refuse('ps takes no arguments');
  const labels = (options['filter'] ?? []).map((text) => text.slice('label='.length));
  for (const each of containers()) {
    if (labels.every((label) => each.labels.includes(label))) console.log(each.name);
  }
}

async function rm() {
  const { options, rest } = parse(given, { force: null });
  const [name] = rest;
  if (rest.length !== 1 || !options['force']) refuse('rm takes --force and one name');
  const find = () => containers().find((each) => each.name === name);
  let found = find();
  // One that is being made is removed when it has been.
  for (let turn = 0; found?.pid === null && turn < STARTING_MS / POLL_MS; turn += 1) {
    await setTimeout(POLL_MS);
    found = find();
  }
  if (!found) refuse(`Error response from daemon: No such container: ${name}`, 1);
  if (found.pid) process.kill(found.pid, 'SIGKILL');
  rmSync(fileOf(name), { force: true });
  console.log(name);
}

const COMMANDS = { run, exec, ps, rm };
if (!(command in COMMANDS)) refuse(`unknown command: ${command}`, 1);
await COMMANDS[command]();
