/**
 * What is measured. A scenario has a load.c command with the modes of its connections, and takes
 * figures out of what it prints, the median of so many `turns`; `cold` ones get a process of their own.
 *
 * @typedef {Record<string, (bytes: number) => number>} MixEnds see writeMixes
 * @typedef {{ name: string, command: string, modes: string[], options: string[], cold?: boolean,
 *   turns?: number, figures: Record<string, string>, skip?: string[],
 *   also?: Record<string, Function> }} Scenario `also` starts peers that are in no other scenario
 */
import { startBare, startPlain } from './peers.mjs';

const OBSERVERS = 20;
const OBSERVED_BYTES_A_SECOND = 2_000_000;
/** What a process takes with its first sessions is little beside so many. */
const IDLE_SESSIONS = 5000;
const HANDSHAKES = 2000;
const TYPISTS = 64;
/** All of these stream at full speed. */
const STREAMS = 50;

const seconds = (warmUp, time) => ['-w', String(warmUp), '-t', String(time)];

/** Some hundred thousand keys, before anything counts. @type {Scenario} */
export const WARM_UP = {
  ...{ name: 'warm-up', command: 'roundtrips', modes: Array(TYPISTS).fill('idle') },
  ...{ options: seconds(0, 4), figures: {} },
};

/** @param {number} scale of all times, 1 or less @returns {Scenario[]} */
export function scenarios(scale) {
  const flow = seconds(0.4 * scale, scale);
  const keys = seconds(0.5 * scale, 3 * scale);
  const speed = { 'MB/s': 'MBps', 'CPU-s/GB': 'cpuPerGB' };
  const delay = { 'p50, µs': 'p50', 'p99, µs': 'p99' };
  return [
    stream('real', flow, speed),
    stream('small', flow, speed),
    stream('blob', flow, speed),
    // A character that is split over two reads ends its process.
    { ...stream('text', flow, speed), skip: ['stock'] },
    manySessions(scale),
    {
      // On which processor the kernel wakes whom differs from turn to turn.
      ...{ name: 'key, idle', command: 'latency', modes: ['idle'], turns: 9 },
      also: { plain: startPlain },
      ...{ options: seconds(0.3 * scale, scale), figures: delay },
    },
    {
      ...{ name: 'key, busy', command: 'latency', options: keys, figures: delay },
      modes: ['idle', ...Array(OBSERVERS).fill(`pace:real:${OBSERVED_BYTES_A_SECOND}`)],
    },
    {
      ...{ name: 'key, one hog', command: 'latency', options: keys, figures: delay },
      modes: ['idle', 'blast:real'],
    },
    {
      ...{ name: 'key, hogs', command: 'latency', options: keys, figures: delay },
      modes: ['idle', 'blast:real', 'blast:real'],
    },
    {
      // Of a process that has done so for a while: what has just started is slower, see the idle sessions.
      ...{
        name: 'handshakes',
        command: 'idle',
        options: ['-t', '0.1'],
        turns: 3,
        also: { bare: startBare },
      },
      modes: Array(Math.round(HANDSHAKES * scale)).fill('idle'),
      figures: { 'a second': 'perSecond', 'CPU-ms each': 'cpuMsEach' },
    },
    {
      ...{ name: 'idle session', command: 'idle', options: ['-t', '2'], cold: true },
      modes: Array(Math.round(IDLE_SESSIONS * scale)).fill('idle'),
      figures: { 'KiB each': 'kiBEach', 'handshakes/s': 'perSecond', 'CPU-ms each': 'cpuMsEach' },
    },
  ];
}

/** @param {string} mix @param {string[]} options @param {Record<string, string>} figures */
function stream(mix, options, figures) {
  return { name: mix, command: 'throughput', modes: [`blast:${mix}`], turns: 3, options, figures };
}

/** @param {number} scale @returns {Scenario} */
function manySessions(scale) {
  return {
    ...{ name: `${STREAMS} sessions`, command: 'throughput' },
    ...{ modes: Array(STREAMS).fill('blast:real'), options: seconds(scale, 2.5 * scale) },
    figures: { 'MB/s': 'MBps', 'CPU-s/GB': 'cpuPerGB', 'fairness (Jain)': 'jain' },
  };
}

/**
 * For a gateway with one process for tunnels and one with two. Of these, text costs the gateway the most
 * beside what guacd and the client need of the same cores.
 *
 * @param {number} scale
 */
export function workerScenarios(scale) {
  const flow = seconds(0.7 * scale, 2.5 * scale);
  // guacd and the client take the rest of the processors that are busy.
  const speed = { 'MB/s': 'MBps', 'CPU-s/GB': 'cpuPerGB', 'busy processors': 'busy' };
  return [
    {
      ...{
        name: 'typing',
        command: 'roundtrips',
        modes: Array(TYPISTS).fill('idle'),
        options: flow,
      },
      figures: { 'keys/s': 'perSecond' },
    },
    {
      ...{ name: 'small, 8 sessions', command: 'throughput', modes: Array(8).fill('blast:small') },
      ...{ options: flow, figures: speed },
    },
    {
      ...{ name: 'text, 8 sessions', command: 'throughput', modes: Array(8).fill('blast:text') },
      ...{ options: flow, figures: speed },
    },
    {
      ...{ name: 'real, 8 sessions', command: 'throughput', modes: Array(8).fill('blast:real') },
      ...{ options: flow, figures: speed },
    },
    // HAProxy has a thread for each core by itself.
    manySessions(scale),
  ];
}

/** How many bytes guacd.c sends at a time, each with a tick of its clock; 0 is as it likes. */
const SEGMENTS = [0, 1, 2, 3, 7, 61, 997];
const TICKS = 1500;
const UNCUT_BYTES = 40_000_000;

/** Runs of which each byte is compared. They end where an instruction does. @param {MixEnds} ends */
export function exactRuns(ends) {
  return Object.entries(ends)
    .flatMap(([mix, endBefore]) =>
      SEGMENTS.map((segment) => {
        const bytes = endBefore(segment === 0 ? UNCUT_BYTES : segment * TICKS);
        return { mix, segment, bytes };
      }),
    )
    .filter(({ bytes }) => bytes > 0);
}

/** A client that stops reading for so many seconds, and then gets the rest. @param {MixEnds} ends */
export function stall(ends) {
  return { mix: 'real', bytes: ends.real(60_000_000), seconds: 6 };
}

/** What guacd.c is told of all of them. @param {Scenario[]} list @param {MixEnds} ends */
export function modesOf(list, ends) {
  const exact = [...exactRuns(ends), stall(ends)].map(exactMode);
  return [...new Set([...list.flatMap(({ modes }) => modes), ...exact])];
}

export function exactMode({ mix, bytes, segment = 0 }) {
  return `once:${mix}:${bytes}:${segment}`;
}
