import assert from 'node:assert/strict';
import { parseConfig } from '../../../server/config.ts';
import { BmcProvider } from '../../../server/providers/bmc/index.ts';
import type { ProviderContext } from '../../../server/providers/provider-context.ts';
import type { RedfishSimulator } from '../../simulators/redfish.ts';
import { providerContext } from './context.ts';

/** A host's section for a simulated BMC, as YAML has it, without IPMI. */
export function hostOf(bmc: RedfishSimulator, more: object = {}): object {
  return { id: 'rack1', ...bmc.section, ...more };
}

/** A provider of these hosts. */
export function bmcProvider(
  hosts: readonly object[],
  { section = {}, ...context }: Partial<ProviderContext> & { section?: object } = {},
): BmcProvider {
  const all = { id: 'metal', type: 'bmc', hosts, ...section };
  const [config] = parseConfig({ providers: [all] }, 'the test').providers;
  assert.ok(config?.type === 'bmc');
  return new BmcProvider(config, providerContext(context));
}

export async function rejects(call: Promise<unknown>, status: string, words?: RegExp) {
  await assert.rejects(call, (error: { status?: string; message: string }) => {
    assert.equal(error.status, status, error.message);
    assert.match(error.message, /^metal[: ]/);
    if (words) assert.match(error.message, words);
    return true;
  });
}
