/** The part of rfb2 (a VNC client, JavaScript without types) that the tests use. */
declare module 'rfb2' {
  import type { EventEmitter } from 'node:events';

  export interface Rect {
    x: number;
    y: number;
    width: number;
    height: number;
    encoding: number;
    data: Buffer;
  }

  export interface RfbClient extends EventEmitter<{ connect: []; rect: [Rect]; error: [unknown] }> {
    width: number;
    height: number;
    stream: EventEmitter<{ close: [] }>;
    redShift: number;
    greenShift: number;
    blueShift: number;
    keyEvent(keysym: number, down: 0 | 1): void;
    pointerEvent(x: number, y: number, buttons: number): void;
    end(): void;
  }

  const rfb: {
    encodings: { raw: number; pseudoCursor: number };
    createConnection(options: {
      host: string;
      port: number;
      password: string;
      encodings: number[];
    }): RfbClient;
  };
  export default rfb;
}
