import { ConfigError, loadTree } from '../../config.ts';
import type { FieldError } from '../../errors.ts';
import { type Tree, withSecretsInline } from './place-secrets.ts';
import type { Value } from './section.ts';

/** A provider's section as YAML has it. */
export type ProviderTree = Readonly<Record<string, Tree>> & {
  readonly id: string;
  readonly type: string;
};

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
export function faultsOfMachines(
  machines: readonly { readonly [key: string]: Value }[],
): readonly MachineFault[] {
  const trees = machines.map(withSecretsInline);
  const numbered = trees.map((tree, at) => ({ ...(tree as object), id: `n${at}` }));
  try {
    checkSection({ id: 'import', type: 'static', machines: numbered });
    return [];
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.faults.map(({ path, message }) => {
      const [, at = '0', rest = path] = /^providers\.0\.machines\.(\d+)\.?(.*)$/.exec(path) ?? [];
      return { at: Number(at), path: rest, message };
    });
  }
}

/** Those that machines name, as if each had a guacd: which one is a matter of the gateway's own. */
export function locationsOf(section: ProviderTree): Record<string, unknown> | undefined {
  const { machines } = section;
  const named = [section, ...(Array.isArray(machines) ? machines : [])].flatMap(locationOf);
  const guacd = [{ host: '127.0.0.1' }];
  return named.length === 0
    ? undefined
    : Object.fromEntries(named.map((location) => [location, { guacd }]));
}

function locationOf({ location }: { readonly location?: Tree }): readonly string[] {
  return typeof location === 'string' ? [location] : [];
}
