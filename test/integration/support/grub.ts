import type { TestTunnel } from '../../support/gateway.ts';
import type { QemuPeer } from '../../support/qemu.ts';
import { until } from '../../support/until.ts';

const BACKSPACE = 0xff08;
/** GRUB's menu takes `c` for its prompt; at the prompt it is taken back. */
const TO_PROMPT = [0x63, BACKSPACE];

/**
 * Types `halt` into GRUB until the machine is off, which takes every letter of it: what is typed
 * before GRUB is there is lost. The machine is gone then.
 */
export async function assertTypesIntoGrub(
  tunnel: TestTunnel,
  machine: Pick<QemuPeer, 'qmp'>,
): Promise<void> {
  const typedAndOff = async (): Promise<boolean> => {
    tunnel.type(...TO_PROMPT);
    tunnel.typeText('halt\n');
    return until(async () => !(await isOn(machine)), { timeout: 2000, what: 'the end' });
  };
  await until(typedAndOff, { timeout: 45_000, what: 'what is typed to halt the machine' });
}

function isOn(machine: Pick<QemuPeer, 'qmp'>): Promise<boolean> {
  return machine.qmp('query-status').then(
    () => true,
    () => false,
  );
}
