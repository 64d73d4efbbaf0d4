/** Processes of the bench: what they print, and their end. */
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { setTimeout as after } from 'node:timers/promises';
import { promisify } from 'node:util';

const START_LIMIT_MS = 60_000;
const STOP_LIMIT_MS = 15_000;

/** A process that runs until it is stopped, and writes into a file, as under a service manager. */
export class Child {
  /** @param {import('node:child_process').ChildProcess} process @param {string} command @param {string} log */
  constructor(process, command, log) {
    this.process = process;
    this.command = command;
    this.log = log;
  }

  /**
   * @param {string} command @param {string[]} args
   * @param {{ log: number, logFile: string, env?: NodeJS.ProcessEnv }} options
   */
  static async start(command, args, { log, logFile, env = process.env }) {
    // A bench that is broken off leaves nothing behind (prctl(2), PR_SET_PDEATHSIG).
    const child = spawn('setpriv', ['--pdeathsig', 'TERM', '--', command, ...args], {
      ...{ env, stdio: ['ignore', log, log] },
    });
    await once(child, 'spawn');
    return new Child(child, command, logFile);
  }

  get pid() {
    return this.process.pid;
  }

  /** What it printed, once that has a match. @param {RegExp} pattern @returns {Promise<string>} */
  async printed(pattern) {
    for (const limit = Date.now() + START_LIMIT_MS; Date.now() < limit; await after(20)) {
      const found = pattern.exec(readFileSync(this.log, 'utf8'));
      if (found) return found[1];
      if (this.process.exitCode !== null) break;
    }
    throw new Error(`${this.command} does not run:\n${readFileSync(this.log, 'utf8')}`);
  }

  async stop() {
    if (this.process.exitCode !== null || this.process.signalCode !== null) return;
    const ended = once(this.process, 'exit');
    this.process.kill('SIGTERM');
    const timer = setTimeout(() => this.process.kill('SIGKILL'), STOP_LIMIT_MS);
    await ended;
    clearTimeout(timer);
  }
}

/** A port that nothing listens at now. */
export async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}

/** Resolves when a connection to the port is accepted. @param {number} port */
export async function listening(port) {
  for (const limit = Date.now() + START_LIMIT_MS; ; await after(20)) {
    const socket = connect(port, '127.0.0.1');
    try {
      await once(socket, 'connect');
      return;
    } catch (error) {
      if (Date.now() > limit) throw error;
    } finally {
      socket.destroy();
    }
  }
}

/** Resolves when the URL is answered with 200. @param {string} url */
export async function ready(url) {
  for (const limit = Date.now() + START_LIMIT_MS; ; await after(20)) {
    const { status } = await fetch(url);
    if (status === 200) return;
    if (Date.now() > limit) throw new Error(`${url} says ${status}`);
  }
}

/** The Node processes among a process and its children: of a gateway, itself and its workers. */
export function nodeProcesses(pid) {
  const file = `/proc/${pid}/task/${pid}/children`;
  const children = existsSync(file) ? readFileSync(file, 'utf8').trim().split(' ') : [];
  const isNode = (one) => readFileSync(`/proc/${one}/comm`, 'utf8').trim() === 'node';
  return [pid, ...children.filter(Boolean).filter(isNode)];
}

export const run = promisify(execFile);
