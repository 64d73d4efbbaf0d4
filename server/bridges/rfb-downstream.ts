import { randomBytes, timingSafeEqual } from 'node:crypto';
import type { Duplex } from 'node:stream';
import { GatewayError } from '../errors.ts';
import { RfbWire, u32 } from './rfb-wire.ts';
import { CHALLENGE_BYTES, vncAuthResponse } from './vnc-auth.ts';

const VNC_AUTH = 2;

/**
 * The server's side of RFB's security part, for guacd: VNC authentication with a password of the
 * bridge's own, so that nobody else on the machine can take the connection.
 *
 * @throws GatewayError `target_refused` for a wrong password or another protocol.
 */
export async function admitRfb(stream: Duplex, password: string): Promise<void> {
  const wire = new RfbWire(stream);
  wire.write('RFB 003.008\n');
  if ((await wire.read(12)).toString('latin1') !== 'RFB 003.008\n') throw refused();
  wire.write([1, VNC_AUTH]);
  if ((await wire.readU8()) !== VNC_AUTH) throw refused();
  const challenge = randomBytes(CHALLENGE_BYTES);
  wire.write(challenge);
  const response = await wire.read(CHALLENGE_BYTES);
  if (!timingSafeEqual(response, vncAuthResponse(password, challenge))) {
    const reason = 'wrong password';
    wire.write(u32(1), u32(reason.length), reason);
    throw refused();
  }
  wire.write(u32(0));
}

function refused(): GatewayError {
  return new GatewayError('target_refused', 'somebody else than guacd came to the bridge');
}
