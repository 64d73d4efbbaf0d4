import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { stringify } from 'yaml';
import { CliError, EXIT } from '../fail.ts';
import { warn } from '../print.ts';
import { type ProviderTree, checkSection, locationsOf } from './check-section.ts';
import { mergeSection } from './merge-section.ts';
import { secretsIn, withSecretFiles, withSecretsInline } from './place-secrets.ts';
import type { Imported } from './section.ts';
import { SECRET_MODE, changedSecrets, writeSecrets, writeWhole } from './write-file.ts';

const CONFIG_MODE = 0o644;

export interface DeliveryOptions {
  readonly id: string;
  readonly secrets?: string;
  readonly output?: string;
  readonly into?: string;
  readonly force?: true;
}

/**
 * Writes a section where it is wanted, once the gateway's own schema has taken it, and says on standard
 * error what was left behind.
 *
 * @throws ConfigError, CliError; nothing is written then.
 */
export function deliver({ section, notes, summary }: Imported, options: DeliveryOptions): void {
  const { id, secrets, output, into, force = false } = options;
  const { type, ...rest } = section;
  const ordered = { id, type, ...rest };
  const checked: ProviderTree = { ...(withSecretsInline(ordered) as object), id, type };
  checkSection(checked);
  const placed =
    secrets === undefined
      ? { tree: checked, files: [] }
      : withSecretFiles(ordered, join(resolve(secrets), id));
  const written: ProviderTree = { ...(placed.tree as object), id, type };
  const merged =
    into === undefined ? null : mergeSection({ file: into, section: written, checked, force });
  refuseToOverwrite(placed.files.length > 0 ? changedSecrets(placed.files) : [], options);

  const held = secretsIn(ordered);
  const couldBeFiles = secrets === undefined && held.has('fields');
  const exposed = couldBeFiles || held.has('params');
  writeSecrets(placed.files);
  const text = merged?.text ?? stringify({ providers: [written] }, { lineWidth: 0 });
  const file = into ?? output;
  if (file === undefined) process.stdout.write(text);
  else {
    // Others may have been let read what was there, before it held secrets; a whole configuration is let
    // be as it is, since the gateway may read it by its group.
    const keep = !exposed || into !== undefined;
    writeWhole(file, text, exposed ? SECRET_MODE : CONFIG_MODE, { keep });
  }

  for (const line of notes.lines) warn(line);
  for (const location of Object.keys(locationsOf(checked) ?? {})) {
    if (into === undefined)
      warn(`name the location ${location} under locations in the configuration`);
  }
  if (held.has('params')) {
    warn('the section holds secrets in params, which have no files of their own');
  }
  if (couldBeFiles) {
    warn(
      'the section holds secrets: with --secrets FOLDER they become files that only you can read',
    );
  }
  const count = notes.lines.length;
  const left = count === 0 ? '' : `; not carried over: ${count}, named above`;
  warn(
    `${id}: ${summary}${merged?.replaced ? ', in the place of the section that was there' : ''}${left}`,
  );
}

function refuseToOverwrite(changed: readonly string[], { output, force }: DeliveryOptions): void {
  if (force) return;
  const there = [...(output !== undefined && existsSync(output) ? [output] : []), ...changed];
  if (there.length === 0) return;
  throw new CliError(`${there.join(', ')}: there already; --force overwrites`, EXIT.misconfigured);
}
