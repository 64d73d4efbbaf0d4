import type { Endpoint } from '../../provider.ts';
import type { HostSettings } from '../schema.ts';
import { terminalParameters } from './open-serial.ts';

/** The serial line behind a BMC's own SSH server, which guacd reaches by itself. */
export function sshEndpoint(settings: HostSettings): Endpoint {
  const { address, sol } = settings;
  const { port, privateKey, hostKey, command } = sol.ssh;
  const { username = settings.username, password = settings.password } = sol.ssh;
  return {
    ...{ protocol: 'ssh', host: address, port },
    parameters: {
      ...terminalParameters(settings),
      username,
      ...(privateKey ? { 'private-key': privateKey.reveal() } : { password: password.reveal() }),
      ...(hostKey !== undefined && { 'host-key': hostKey }),
      ...(command !== undefined && { command }),
    },
    release: async () => undefined,
  };
}
