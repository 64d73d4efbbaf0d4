/** What the tunnel is to reach, as ratios in one round. */

const of = (round, scenario, peer, figure) => round[scenario]?.[peer]?.[figure];
/** @returns {number | undefined} undefined where one of the two was not measured */
function ratio(round, scenario, figure, peer, own = 'gateway') {
  const [ours, theirs] = [of(round, scenario, own, figure), of(round, scenario, peer, figure)];
  return ours === undefined || theirs === undefined ? undefined : ours / theirs;
}

const SPEED = 'MB/s';
const P50 = 'p50, µs';
const P99 = 'p99, µs';

/**
 * `value` of one round; `least` or `most` is the goal.
 *
 * @type {{ name: string, value: (round: object) => number | undefined, least?: number, most?: number }[]}
 */
export const GOALS = [
  {
    name: 'real, one session: speed / HAProxy',
    value: (r) => ratio(r, 'real', SPEED, 'haproxy'),
    least: 1.3,
  },
  {
    name: 'real, one session: speed / guacamole-lite',
    value: (r) => ratio(r, 'real', SPEED, 'stock'),
    least: 9,
  },
  {
    name: 'real, one session: CPU-s per GB / HAProxy',
    value: (r) => ratio(r, 'real', 'CPU-s/GB', 'haproxy'),
    most: 0.6,
  },
  {
    name: '50 sessions, two workers: speed / HAProxy (two threads)',
    value: (r) => ratio(r, '50 sessions', SPEED, 'haproxy', 'two workers'),
    least: 1.2,
  },
  {
    name: '50 sessions: fairness (Jain)',
    value: (r) => of(r, '50 sessions', 'gateway', 'fairness (Jain)'),
    least: 0.99,
  },
  {
    name: 'small instructions: speed / HAProxy',
    value: (r) => ratio(r, 'small', SPEED, 'haproxy'),
    least: 0.75,
  },
  {
    name: 'multi-byte text: speed / HAProxy',
    value: (r) => ratio(r, 'text', SPEED, 'haproxy'),
    least: 0.4,
  },
  {
    name: 'a key, idle: p50 / HAProxy',
    value: (r) => ratio(r, 'key, idle', P50, 'haproxy'),
    most: 1.25,
  },
  {
    name: 'a key beside two hogs: p50 / guacamole-lite',
    value: (r) => ratio(r, 'key, hogs', P50, 'stock'),
    most: 0.08,
  },
  {
    name: 'a key beside one hog: p99 / HAProxy',
    value: (r) => ratio(r, 'key, one hog', P99, 'haproxy'),
    most: 3,
  },
  {
    name: 'a key beside two hogs: p99 / HAProxy',
    value: (r) => ratio(r, 'key, hogs', P99, 'haproxy'),
    most: 3,
  },
  {
    name: 'an idle session: KiB',
    value: (r) => of(r, 'idle session', 'gateway', 'KiB each'),
    most: 18,
  },
  {
    name: 'handshakes a second / guacamole-lite',
    value: (r) => ratio(r, 'handshakes', 'a second', 'stock'),
    least: 2.5,
  },
  {
    name: 'first sync, ms after direct',
    value: (r) => difference(r, 'first sync', 'ms'),
    most: 10,
  },
  {
    name: 'a client that stops reading: KiB of growth',
    value: (r) => of(r, 'stalled client', 'gateway', 'KiB'),
    most: 1024,
  },
  {
    name: 'runs with every byte equal, of all',
    value: (r) => of(r, 'every byte', 'gateway', 'share'),
    least: 1,
  },
  {
    name: 'text, 8 sessions: two workers / one',
    value: (r) => ratio(r, 'text, 8 sessions', SPEED, 'one worker', 'two workers'),
    least: 1.6,
  },
];

function difference(round, scenario, figure) {
  const [ours, direct] = ['gateway', 'direct'].map((peer) => of(round, scenario, peer, figure));
  return ours === undefined || direct === undefined ? undefined : ours - direct;
}
