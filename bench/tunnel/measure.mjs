/** Runs all scenarios, the peers in turn, round after round. */
import { mkdtempSync, rmSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { findCommand } from '../../scripts/requirements.mjs';
import { build, buildIsStale } from '../../scripts/build.mjs';
import { run } from './child.mjs';
import { startDesktop } from './desktop.mjs';
import { direct, throughTunnel } from './first-sync.mjs';
import { writeMixes } from './mixes.mjs';
import { startDirect, startGateway, startGuacd, startHaproxy, startStock } from './peers.mjs';
import {
  WARM_UP,
  exactMode,
  exactRuns,
  modesOf,
  scenarios,
  stall,
  workerScenarios,
} from './scenarios.mjs';

/** First syncs of each peer in a round, of which the median counts. */
const FIRST_SYNCS = 9;
const RUN_LIMIT_MS = 150_000;
const COMPILER = ['-O2', '-Wall', '-Wextra'];

/**
 * @param {{ scale: number, rounds: number, only: string }} options
 * @returns what was measured: a round has scenarios, these have peers, and these their figures
 */
export async function measure(options) {
  if (buildIsStale()) build();
  const folder = mkdtempSync(join(tmpdir(), 'rackside-bench-'));
  const stops = [];
  try {
    await Promise.all(
      ['guacd', 'load'].map((name) =>
        run('cc', [...COMPILER, '-o', join(folder, name), join(import.meta.dirname, `${name}.c`)]),
      ),
    );
    const bench = new Bench(folder, writeMixes(folder), options, stops);
    const before = loadavg()[0];
    const rounds = [];
    for (let round = 0; round < options.rounds; round += 1) rounds.push(await bench.round());
    return { rounds, load: [before, loadavg()[0]], scale: options.scale };
  } finally {
    for (const stop of stops.toReversed()) await stop();
    rmSync(folder, { recursive: true });
  }
}

class Bench {
  #folder;
  #ends;
  #stops;
  #scenarios;
  #workers;
  #chosen;
  #context;

  constructor(folder, ends, { scale, only }, stops) {
    this.#folder = folder;
    this.#ends = ends;
    this.#stops = stops;
    this.#chosen = ({ name }) => name.includes(only);
    this.#scenarios = scenarios(scale).filter(this.#chosen);
    this.#workers = workerScenarios(scale).filter(this.#chosen);
  }

  async round() {
    this.#context ??= await this.#surroundings();
    const round = {};
    await this.#withPeers(async (peers) => {
      for (const scenario of this.#scenarios.filter(({ cold }) => !cold)) {
        round[scenario.name] = await this.#inTurn(scenario, peers);
      }
      await this.#special(round, peers);
    });
    for (const scenario of this.#scenarios.filter(({ cold }) => cold)) {
      round[scenario.name] = await this.#cold(scenario);
    }
    if (this.#workers.length > 0) await this.#scaling(round);
    return round;
  }

  /** What all rounds share: guacd.c, and what first syncs are measured with where that is installed. */
  async #surroundings() {
    const guacd = await startGuacd(this.#folder);
    this.#stops.push(() => guacd.stop());
    const desktop = await startDesktop(this.#folder);
    if (desktop) this.#stops.push(() => desktop.stop());
    const modes = modesOf([WARM_UP, ...this.#scenarios, ...this.#workers], this.#ends);
    const haproxy = findCommand('haproxy');
    if (!haproxy) console.error('no haproxy on this machine: not compared with it');
    if (!desktop) console.error('no guacd or no Xtigervnc on this machine: no first sync');
    return {
      folder: this.#folder,
      guacd,
      realGuacd: desktop?.guacd,
      desktop: desktop?.vnc,
      modes,
      haproxy,
    };
  }

  #starters() {
    const { haproxy } = this.#context;
    return {
      direct: startDirect,
      ...(haproxy && { haproxy: startHaproxy }),
      stock: startStock,
      gateway: startGateway,
    };
  }

  async #withPeers(use) {
    return this.#started(this.#starters(), use);
  }

  async #started(starters, use) {
    const peers = {};
    try {
      for (const [name, start] of Object.entries(starters))
        peers[name] = await start(this.#context);
      // What compiles while it runs has run for a while where it is used, too.
      for (const peer of Object.values(peers)) await this.#figures(WARM_UP, peer);
      return await use(peers);
    } finally {
      for (const peer of Object.values(peers)) await peer.stop();
    }
  }

  /** The peers one after the other, as often as the scenario wants; the median counts. */
  async #inTurn(scenario, peers) {
    const { skip = [], also = {}, turns = 1 } = scenario;
    return this.#started(also, async (more) => {
      // The others have had every scenario before.
      for (const peer of Object.values(more)) await this.#figures(scenario, peer);
      const taken = Object.entries({ ...peers, ...more }).filter(([name]) => !skip.includes(name));
      const ways = taken.map(([name, peer]) => [name, () => this.#figures(scenario, peer)]);
      return medians(Object.fromEntries(ways), turns);
    });
  }

  /** Each in a process that has done nothing else yet. */
  async #cold(scenario) {
    const results = {};
    for (const [name, start] of Object.entries(this.#starters())) {
      const peer = await start(this.#context);
      try {
        const target = await peer.target(scenario.modes);
        await peer.restart?.();
        results[name] = await this.#figures(scenario, peer, target);
      } finally {
        await peer.stop();
      }
    }
    return results;
  }

  async #scaling(round) {
    for (const [name, workers] of [
      ['one worker', 1],
      ['two workers', 2],
    ]) {
      const peer = await startGateway({ ...this.#context, workers });
      try {
        await this.#figures(WARM_UP, peer);
        for (const scenario of this.#workers) {
          round[scenario.name] ??= {};
          round[scenario.name][name] = await this.#figures(scenario, peer);
        }
      } finally {
        await peer.stop();
      }
    }
  }

  async #special(round, peers) {
    const wanted = (name) => this.#chosen({ name });
    const relays = Object.entries(peers).filter(([name]) => name !== 'stock' && name !== 'direct');
    for (const [name, peer] of relays) {
      if (wanted('every byte'))
        (round['every byte'] ??= {})[name] = { share: await this.#exact(peer) };
      if (wanted('stalled client'))
        (round['stalled client'] ??= {})[name] = await this.#stall(peer);
    }
    if (wanted('first sync') && this.#context.desktop)
      round['first sync'] = await this.#firstSyncs(peers);
  }

  async #figures({ command, modes, options, figures }, peer, target) {
    const printed = await this.#load(command, peer, modes, options, target);
    if (printed.closed > 0 || printed.cut > 0) {
      throw new Error(`${command} of ${modes[0]}: ${JSON.stringify(printed)}`);
    }
    return Object.fromEntries(Object.entries(figures).map(([name, key]) => [name, printed[key]]));
  }

  async #load(command, peer, modes, options, target) {
    const pids = peer.pids();
    const args = [
      ...[command, '-p', String(peer.port), '-n', String(modes.length)],
      ...(target ?? (await peer.target(modes))),
      ...(pids.length > 0 ? ['-P', pids.join(',')] : []),
      ...options,
    ];
    const { stdout } = await run(join(this.#folder, 'load'), args, { timeout: RUN_LIMIT_MS });
    return JSON.parse(stdout);
  }

  /** The share of runs of which each byte came, in messages that end where instructions end. */
  async #exact(peer) {
    const runs = exactRuns(this.#ends);
    const results = await Promise.all(
      runs.map(async (each) => {
        const file = join(this.#folder, `${each.mix}.mix`);
        const options = ['-f', file, '-b', String(each.bytes)];
        const printed = await this.#load('exact', peer, [exactMode(each)], options);
        const exact = printed.exact === printed.of && printed.cut === 0;
        if (!exact) console.error(`not equal: ${JSON.stringify({ ...each, ...printed })}`);
        return exact;
      }),
    );
    return results.filter(Boolean).length / runs.length;
  }

  /** How much memory a client takes that stops reading; NaN when it does not get every byte later. */
  async #stall(peer) {
    const stalled = stall(this.#ends);
    const { mix, bytes, seconds } = stalled;
    const file = join(this.#folder, `${mix}.mix`);
    const options = ['-f', file, '-b', String(bytes), '-w', '0.2', '-t', String(seconds)];
    const { exact, of, grownKiB } = await this.#load(
      'stalled',
      peer,
      [exactMode(stalled)],
      options,
    );
    return { KiB: exact === of ? grownKiB : Number.NaN };
  }

  async #firstSyncs({ gateway }) {
    const { desktop, realGuacd } = this.#context;
    // What the gateway asks guacd 1.3.0 for: the others are to get the same pictures.
    const { vncEncodings } = await import('../../dist/server/tunnel/vnc-encodings.js');
    const encodings = vncEncodings('VERSION_1_3_0');
    const settings = { hostname: '127.0.0.1', encodings, ...desktop, port: String(desktop.port) };
    const stock = await startStock({ ...this.#context, guacd: realGuacd });
    const tunnel = async (peer, path) => ({
      ms: await throughTunnel(`ws://127.0.0.1:${peer.port}${await path}`),
    });
    const ways = {
      direct: async () => ({ ms: await direct(realGuacd.port, settings) }),
      stock: () => tunnel(stock, stock.path(settings)),
      gateway: () => tunnel(gateway, gateway.path('desktop')),
    };
    try {
      return await medians(ways, FIRST_SYNCS);
    } finally {
      await stock.stop();
    }
  }
}

/** Of so many turns. @param {Record<string, () => Promise<Record<string, number>>>} ways */
async function medians(ways, turns) {
  const taken = {};
  for (let turn = 0; turn < turns; turn += 1) {
    for (const [name, way] of Object.entries(ways)) (taken[name] ??= []).push(await way());
  }
  const middle = (all) => all.toSorted((one, other) => one - other)[turns >> 1];
  const each = (all, figure) => [figure, middle(all.map((figures) => figures[figure]))];
  return Object.fromEntries(
    Object.entries(taken).map(([name, all]) => [
      name,
      Object.fromEntries(Object.keys(all[0]).map((figure) => each(all, figure))),
    ]),
  );
}
