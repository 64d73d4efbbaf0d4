import { createSocket } from 'node:dgram';
import { isIPv6 } from 'node:net';

export interface WakeOnLan {
  /** Six bytes in hex, parted by colons or hyphens. */
  readonly mac: string;
  /** Where the packet goes: the broadcast address of the machine's network. */
  readonly broadcast: string;
  readonly port: number;
}

/** A network may lose one; a machine that is awake passes over the others. */
const COPIES = 3;

/**
 * Sends the magic packet: six bytes 0xff and sixteen times the machine's address (AMD, "Magic Packet
 * Technology", publication 20213). Resolves when it has left; nothing ever answers it.
 */
export async function wake({ mac, broadcast, port }: WakeOnLan): Promise<void> {
  const socket = createSocket(isIPv6(broadcast) ? 'udp6' : 'udp4');
  try {
    await new Promise<void>((resolve, reject) => {
      socket.once('error', reject);
      socket.bind(() => resolve());
    });
    socket.setBroadcast(true);
    const packet = magicPacket(mac);
    for (let copy = 0; copy < COPIES; copy += 1) {
      await new Promise<void>((resolve, reject) => {
        socket.send(packet, port, broadcast, (error) => (error ? reject(error) : resolve()));
      });
    }
  } finally {
    socket.close();
  }
}

export function magicPacket(mac: string): Buffer {
  const address = Buffer.from(mac.replaceAll(/[:-]/g, ''), 'hex');
  return Buffer.concat([Buffer.alloc(6, 0xff), ...Array.from({ length: 16 }, () => address)]);
}
