import { ConfigError, loadTree } from '../../config.ts';
import type { FieldError } from '../../errors.ts';
import { type Tree, withSecretsInline } from './place-secrets.ts';
import type { Value } from './section.ts';

/** A provider's section as YAML has it. */
export type ProviderTree = Readonly<Record<string, Tree>> & {
  readonly id: string;
  readonly type: string;
};

/** Under which keys of a section its machines stand. */
const LISTS = ['machines', 'hosts'] as const;

type Listed = { readonly [key: string]: Value };

/** @throws ConfigError naming all for which the gateway would refuse this section. */
export function checkSection(section: ProviderTree): void {
  const tree = { locations: locationsOf(section), providers: [section] };
  loadTree(tree, 'the section to be written', {});
}

export interface MachineFault extends FieldError {
  /** Which of the machines, from 0. */
  readonly at: number;
}

/** For what the gateway would refuse these machines of a provider `static`; ids are no concern yet. */
export function faultsOfMachines(machines: readonly Listed[]): readonly MachineFault[] {
  return faultsOfListed('machines', machines, { id: 'import', type: 'static' });
}

/** The same of hosts of a provider `bmc`; `beside` is what its section has beside them. */
export function faultsOfHosts(
  hosts: readonly Listed[],
  beside: Readonly<Record<string, Tree>>,
): readonly MachineFault[] {
  return faultsOfListed('hosts', hosts, { ...beside, id: 'import', type: 'bmc' });
}

function faultsOfListed(
  list: (typeof LISTS)[number],
  listed: readonly Listed[],
  section: ProviderTree,
): readonly MachineFault[] {
  const trees = listed.map(withSecretsInline);
  const numbered = trees.map((tree, at) => ({ ...(tree as object), id: `n${at}` }));
  try {
    checkSection({ ...section, [list]: numbered });
    return [];
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.faults.map(({ path, message }) => {
      const [, at = '0', rest = path] =
        /^providers\.0\.(?:machines|hosts)\.(\d+)\.?(.*)$/.exec(path) ?? [];
      return { at: Number(at), path: rest, message };
    });
  }
}

/** Those that machines name, as if each had a guacd: which one is a matter of the gateway's own. */
export function locationsOf(section: ProviderTree): Record<string, unknown> | undefined {
  const lists = LISTS.map((list) => section[list]).filter((list) => Array.isArray(list));
  const named = [section, ...lists.flat()].flatMap(locationOf);
  const guacd = [{ host: '127.0.0.1' }];
  return named.length === 0
    ? undefined
    : Object.fromEntries(named.map((location) => [location, { guacd }]));
}

function locationOf({ location }: { readonly location?: Tree }): readonly string[] {
  return typeof location === 'string' ? [location] : [];
}
