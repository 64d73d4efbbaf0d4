import { RedfishSimulator } from '../simulators/redfish.ts';
import { OpenBmcSockets } from '../simulators/redfish/openbmc-sockets.ts';
import { QemuPeer } from '../support/qemu.ts';
import { keepsTheContract } from './contract.ts';
import { bmcProvider, hostOf } from './support/bmc.ts';

const traits = {
  ...{ power: true, remote: true, credentials: true },
  unavailable: 'bmc_unavailable',
} as const;

keepsTheContract('a BMC', traits, async (parts) => {
  const bmc = await parts.start(RedfishSimulator.start({ vendor: 'openbmc' }));
  const screen = await parts.start(QemuPeer.start({ security: 'none' }));
  bmc.upgrades.push(new OpenBmcSockets(bmc.accounts, { screen: screen.port }).handle);
  let now = Date.now();
  const provider = bmcProvider([hostOf(bmc)], { now: () => now });
  parts.add(() => provider.stop());
  const account = bmc.accounts.named(bmc.username);
  return {
    provider,
    machine: { id: 'rack1', kind: 'vnc' },
    absent: 'rack2',
    power: { id: 'rack1', action: 'reset' },
    secrets: [bmc.password],
    remote: {
      down: () => bmc.fail('server_error'),
      silent: () => bmc.fail('hang'),
      nonsense: () => bmc.fail('nonsense'),
      refusing() {
        if (account) account.enabled = false;
        bmc.accounts.sessions.length = 0;
      },
      up() {
        if (account) account.enabled = true;
        bmc.mend();
        // A refusal is remembered for a while.
        now += 400_000;
      },
    },
  };
});
