/** Times in milliseconds. */
export interface TunnelLimits {
  /** From an upgrade request to its answer, token, Redis and console checks included. */
  readonly upgrade: number;
  /** Upgrade requests being checked at one time. */
  readonly pendingUpgrades: number;
  /** Until guacd's socket is connected. */
  readonly connect: number;
  /** Until guacd's `args`: it leaves a protocol without a plugin unanswered. */
  readonly args: number;
  /** Until guacd's `ready`, which comes before it asks the machine for anything. */
  readonly ready: number;
  /**
   * Until guacd is asked once more for want of `ready`: a child of guacd 1.3.0's may wait for ever for a
   * lock that was held when it was forked.
   */
  readonly unready: number;
  /**
   * From `ready`, until guacd is asked once more when it has drawn nothing: when all of the first picture was
   * missed (SessionEvents.missed), nothing says so. A third try comes after twice the time.
   */
  readonly undrawn: number;
  /** From `ready` to the first picture: a machine that takes the connection and says nothing. */
  readonly picture: number;
  /** For a person to give the credentials that the machine asks for. */
  readonly answer: number;
  /** guacd sends `nop` every 5 s at least; this long without a byte means that it is gone. */
  readonly guacdSilence: number;
  /** Between two pings to the browser; two in a row without any sign of life end the tunnel. */
  readonly clientPing: number;
  /** For which a viewer may keep guacd from being read, and so all others of its connection waiting. */
  readonly viewerHold: number;
  /**
   * Messages, instructions and WebSocket pings that a browser may send, each 16 KiB of a message as one
   * more: so many a second, and so many at once beyond that. A person's mouse sends a few hundred.
   */
  readonly inputRate: number;
  readonly inputBurst: number;
  /** For a browser to take what waits for it, and to answer with its half of the closing handshake. */
  readonly close: number;
  /** For one look at whether a TCP port answers. */
  readonly probe: number;
}

export const DEFAULT_LIMITS: TunnelLimits = {
  upgrade: 10_000,
  pendingUpgrades: 512,
  connect: 5_000,
  args: 5_000,
  ready: 15_000,
  unready: 2_000,
  undrawn: 2_000,
  picture: 60_000,
  answer: 120_000,
  guacdSilence: 18_000,
  clientPing: 20_000,
  viewerHold: 1_500,
  inputRate: 5_000,
  inputBurst: 20_000,
  close: 5_000,
  probe: 2_000,
};
