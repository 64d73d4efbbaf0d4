import { GuacdBridges } from '../../bridges/guacd-bridges.ts';
import type { Config } from '../../config.ts';
import { GatewayError } from '../../errors.ts';
import type { ProviderContext, RateLimit } from '../../providers/provider-context.ts';
import type { Provider, ProviderMachine } from '../../providers/provider.ts';
import { type ProviderConfig, createProvider } from '../../providers/registry.ts';
import { RemoteFault } from '../../providers/remote-fault.ts';
import { withRateLimit } from '../with-rate-limit.ts';
import { askBmcs } from './ask-bmcs.ts';
import { type Finding, reasonOf } from './finding.ts';
import { mendOf } from './provider-mends.ts';
import { type Warnings, keepWarnings } from './warnings.ts';

const noConsole = () =>
  Promise.reject(new GatewayError('kvm_unavailable', 'the doctor opens no console'));
/** What only consoles need. */
const NO_CONSOLES: Pick<ProviderContext, 'kvm' | 'claims' | 'debts'> = {
  kvm: { open: noConsole },
  claims: { take: noConsole },
  debts: { owe: noConsole, onOrphan: () => undefined },
};
/** For the list of a provider and all else that is asked of it. ms */
const TIME_MS = 30_000;

/**
 * Each provider, made as the gateway makes it and asked for its list. `time` in ms.
 *
 * @param lost BMCs that are not asked, as `lostHosts` finds them.
 */
export async function checkProviders(
  config: Config,
  time = TIME_MS,
  lost: ReadonlySet<string> = new Set(),
): Promise<Finding[]> {
  const { providers, redis } = config;
  if (providers.length === 0) return [];
  return withRateLimit(redis, async (rateLimit) => {
    const found = await Promise.all(
      providers.map((section) => checkProvider(section, config, { rateLimit, time, lost })),
    );
    return found.flat();
  });
}

async function checkProvider(
  section: ProviderConfig,
  { bridges, locations }: Config,
  {
    rateLimit,
    time,
    lost,
  }: {
    readonly rateLimit: RateLimit;
    readonly time: number;
    readonly lost: ReadonlySet<string>;
  },
): Promise<Finding[]> {
  const what = `provider ${section.id}`;
  const warnings = keepWarnings();
  const provider = createProvider(section, {
    ...{ rateLimit, now: Date.now, log: warnings.log },
    bridges: new GuacdBridges(bridges),
    ...NO_CONSOLES,
    defaultLocation: Object.keys(locations ?? {})[0] ?? 'default',
    refresh: () => undefined,
  });
  const signal = AbortSignal.timeout(time);
  const lateOr = (error: unknown, limit: string): unknown => {
    if (!signal.aborted) return error;
    const message = `${section.id} ${limit} within ${time / 1000} s`;
    return new Error(message, { cause: new RemoteFault('LATE', error) });
  };
  try {
    if (section.type === 'bmc' && section.hosts.length > 0) {
      return await askBmcs(section, provider, lost);
    }
    const machines = await provider.list(signal);
    const faults = await examined(provider, signal);
    return [
      { level: 'ok', what, message: `lists ${machines.length} machines` },
      ...notesOf(section, machines, warnings).map(
        (message): Finding => ({ level: 'note', what, message }),
      ),
      ...faults.map((fault) =>
        wrong(section, lateOr(fault, 'lists its machines, and does not answer the rest')),
      ),
    ];
  } catch (error) {
    return [wrong(section, lateOr(error, 'does not list its machines'))];
  } finally {
    await provider.stop?.();
  }
}

async function examined(provider: Provider, signal: AbortSignal): Promise<unknown[]> {
  try {
    await provider.examine?.(signal);
    return [];
  } catch (error) {
    return [error];
  }
}

function notesOf(
  section: ProviderConfig,
  machines: readonly ProviderMachine[],
  warnings: Warnings,
): string[] {
  const notes = warnings.lines();
  if (machines.length === 0) notes.push(`it has no machines: ${filterOf(section)}`);
  const owner = 'owner' in section && typeof section.owner === 'object' ? section.owner : undefined;
  if (owner && machines.length > 0 && machines.every((machine) => machine.owner === null)) {
    notes.push(`owner.label ${owner.label} is on none of its machines: only staff see them`);
  }
  return notes;
}

/** What may keep machines out of a list that comes. */
function filterOf(section: ProviderConfig): string {
  switch (section.type) {
    case 'hetzner':
      return section.label === undefined
        ? 'the project of apiToken has none'
        : `no server of the project has the label ${section.label} (label)`;
    case 'ovirt':
      return section.search === undefined
        ? `${section.username} sees none: give it a role on them`
        : `none is found by ${section.search} (search)`;
    case 'opennebula':
      return 'the account of session may USE none, or there are none';
    case 'proxmox':
      return section.token === undefined
        ? `${section.username} has VM.Audit on none of the cluster's VMs and containers`
        : "the token has VM.Audit on none of the cluster's VMs and containers: a token with privilege separation has none of its user's";
    case 'websockify':
      return `there is no line \`token: host:port\` in ${section.path} (path)`;
    case 'bmc':
    case 'static':
      return 'none are configured';
  }
}

function wrong(section: ProviderConfig, error: unknown): Finding {
  const what = `provider ${section.id}`;
  const said = reasonOf(error);
  const sentence = said.startsWith(section.id) ? said.slice(section.id.length) : said;
  const message = `${sentence.replace(/^[: ]+/, '')}; ${mendOf(error, section)}`;
  return { level: 'wrong', what, message };
}
