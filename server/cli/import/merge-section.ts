import { readFileSync } from 'node:fs';
import { type Document, isMap, isSeq } from 'yaml';
import { ConfigError, loadTree } from '../../config.ts';
import { parseYaml } from '../../config/parse-yaml.ts';
import type { FieldError } from '../../errors.ts';
import { CliError, EXIT } from '../fail.ts';
import type { ProviderTree } from './check-section.ts';
import { unreadable } from './source-text.ts';

export interface Merge {
  /** A configuration, which need not be there yet. */
  readonly file: string;
  /** As it is to be written. */
  readonly section: ProviderTree;
  /** With its secrets, whose files are not there yet. */
  readonly checked: ProviderTree;
  /** A section of another type may be replaced. */
  readonly force: boolean;
}

export interface Merged {
  readonly text: string;
  readonly replaced: boolean;
}

/**
 * A configuration with one provider's section added, or replaced where it has one of this id; its
 * comments and all other sections stay.
 *
 * @throws ConfigError for a file that is no configuration, or would no longer be one.
 */
export function mergeSection({ file, section, checked, force }: Merge): Merged {
  const document = readDocument(file);
  const before = document.toJS() as unknown;
  const at = indexOf(document, file, section.id);
  if (at !== undefined && !force) {
    const type = document.getIn(['providers', at, 'type']);
    if (type !== section.type) {
      const message = `${file} has a section ${section.id} of another type: choose another --id, or --force replaces it`;
      throw new CliError(message, EXIT.misconfigured);
    }
  }
  place(document, at, checked);
  refuseNewFaults(before, document.toJS(), file);
  place(document, at ?? lastIndex(document), section);
  return { text: document.toString({ lineWidth: 0 }), replaced: at !== undefined };
}

function readDocument(file: string): Document {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'ENOENT') throw unreadable(file, cause);
    text = '';
  }
  const document = parseYaml({ file, text });
  if (document.contents !== null && !isMap(document.contents)) {
    throw new ConfigError(file, [{ path: '', message: 'expected keys and their values' }]);
  }
  return document;
}

function indexOf(document: Document, file: string, id: string): number | undefined {
  const providers = document.get('providers');
  if (providers === undefined || providers === null) return undefined;
  if (!isSeq(providers)) {
    throw new ConfigError(file, [{ path: 'providers', message: 'expected a list' }]);
  }
  const at = providers.items.findIndex((item) => isMap(item) && item.get('id') === id);
  return at < 0 ? undefined : at;
}

function place(document: Document, at: number | undefined, section: ProviderTree): void {
  const providers = document.get('providers');
  if (!isSeq(providers)) {
    document.set('providers', document.createNode([section]));
  } else if (at === undefined) {
    providers.add(document.createNode(section));
    // One that was empty may have been written as []: what comes in now has lines of its own.
    providers.flow = false;
  } else {
    const former = providers.items[at];
    const node = document.createNode(section);
    if (isMap(former)) Object.assign(node, commentsOf(former));
    providers.set(at, node);
  }
}

function commentsOf({
  commentBefore,
  spaceBefore,
}: {
  commentBefore?: unknown;
  spaceBefore?: unknown;
}) {
  return { ...(commentBefore ? { commentBefore } : {}), ...(spaceBefore ? { spaceBefore } : {}) };
}

function lastIndex(document: Document): number {
  const providers = document.get('providers');
  return isSeq(providers) ? providers.items.length - 1 : 0;
}

/** What was wrong before, or is in the variables of another environment, is not the import's doing. */
function refuseNewFaults(before: unknown, after: unknown, file: string): void {
  const known = new Set(faultsOf(before ?? {}, file).map(keyOf));
  const faults = faultsOf(after, file).filter((fault) => !known.has(keyOf(fault)));
  if (faults.length > 0) throw new ConfigError(`${file} with this section`, faults);
}

function faultsOf(tree: unknown, file: string): readonly FieldError[] {
  try {
    loadTree(tree, file);
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.faults;
    throw error;
  }
}

function keyOf({ path, message }: FieldError): string {
  return `${path}\n${message}`;
}
