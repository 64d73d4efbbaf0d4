import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  chownSync,
  mkdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { CliError } from '../fail.ts';
import type { SecretFile } from './place-secrets.ts';

const SECRET_FOLDER_MODE = 0o700;
export const SECRET_MODE = 0o600;

/**
 * Writes a file whole or not at all, a new one with this mode. One that is there keeps its owner, and
 * its rights too where nothing else is said.
 *
 * @throws CliError
 */
export function writeWhole(
  file: string,
  text: string,
  mode: number,
  { keep = true }: { keep?: boolean } = {},
): void {
  let temporary: string | undefined;
  try {
    const found = statSync(file, { throwIfNoEntry: false });
    const path = found ? realpathSync(file) : file;
    temporary = `${path}.${randomBytes(6).toString('hex')}.tmp`;
    writeFileSync(temporary, text, { flag: 'wx', mode });
    if (found) {
      chownSync(temporary, found.uid, found.gid);
      if (keep) chmodSync(temporary, found.mode);
    }
    renameSync(temporary, path);
  } catch (cause) {
    if (temporary !== undefined) rmSync(temporary, { force: true });
    const { code = String(cause) } = cause as NodeJS.ErrnoException;
    throw new CliError(`${file} cannot be written (${code})`);
  }
}

/** @throws CliError */
export function writeSecrets(files: readonly SecretFile[]): void {
  for (const { path, value } of files) {
    try {
      mkdirSync(dirname(path), { recursive: true, mode: SECRET_FOLDER_MODE });
    } catch (cause) {
      const { code = String(cause) } = cause as NodeJS.ErrnoException;
      throw new CliError(`${dirname(path)} cannot be made (${code})`);
    }
    writeWhole(path, contentOf(value.reveal()), SECRET_MODE, { keep: false });
  }
}

/** Those that are there with another content. */
export function changedSecrets(files: readonly SecretFile[]): readonly string[] {
  return files
    .filter(({ path, value }) => {
      if (!statSync(path, { throwIfNoEntry: false })) return false;
      try {
        return readFileSync(path, 'utf8') !== contentOf(value.reveal());
      } catch {
        return true;
      }
    })
    .map(({ path }) => path);
}

/** With a line end, which the gateway takes off; not where it would take a part of the value with it. */
function contentOf(value: string): string {
  return value.endsWith('\r') ? value : `${value}\n`;
}
