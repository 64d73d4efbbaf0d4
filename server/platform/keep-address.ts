import type { Socket } from 'node:net';

/**
 * Lets a socket know for ever whose it is. Node asks the system at each look, which has forgotten it
 * once the connection is reset: who hangs up at once would leave no address in the audit trail, and
 * be counted with nobody.
 */
export function keepAddress(socket: Socket): void {
  Object.defineProperty(socket, 'remoteAddress', { value: socket.remoteAddress });
}
