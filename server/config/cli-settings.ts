import { readFileSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { z } from 'zod';
import { isLoopback } from '../platform/loopback.ts';
import { strict } from '../providers/config-fields.ts';
import { Secret } from '../secret.ts';
import { ConfigError, faultsOf } from './config-error.ts';
import { readYaml } from './read-yaml.ts';

/** Variables of the CLI, which the gateway's own configuration passes over. */
export const CLI_PREFIX = 'RACKSIDE_CLI_';

const NAME = "the CLI's settings";

/** What the command line says of it. */
interface CliOptions {
  readonly url?: string;
  readonly config?: string;
}

/** Where the CLI finds its gateway, and as whom. */
export interface CliSettings {
  readonly url: string;
  readonly token: Secret;
  /** What should be mended and does not stop anything. */
  readonly warnings: readonly string[];
}

const gatewayUrl = z
  .url({ protocol: /^https?$/, error: 'expected an http or https URL' })
  .refine((url) => !/^[^/]*\/\/[^/]*@/.test(url), { error: 'expected no user or password in it' });
const token = z.string().regex(/^[\x21-\x7e]+$/, { error: 'expected a token without spaces' });

const settings = strict({
  url: gatewayUrl.optional(),
  token: token.optional(),
  tokenFile: z.string().min(1).optional(),
}).refine((value) => value.token === undefined || value.tokenFile === undefined, {
  path: ['tokenFile'],
  error: 'set token or tokenFile, not both',
});

type Source = z.infer<typeof settings> & { readonly dir: string };

const VARIABLES: Readonly<Record<string, keyof z.infer<typeof settings>>> = {
  [`${CLI_PREFIX}URL`]: 'url',
  [`${CLI_PREFIX}TOKEN`]: 'token',
  [`${CLI_PREFIX}TOKEN_FILE`]: 'tokenFile',
};

/**
 * The CLI's settings: `--url` before `RACKSIDE_CLI_…` variables before the file, which is
 * `~/.config/rackside/cli.yaml` where none is named. The file's token goes to the file's URL alone.
 *
 * @throws ConfigError
 */
export function loadCliSettings(
  options: CliOptions,
  env: NodeJS.ProcessEnv = process.env,
): CliSettings {
  const { file, written, variables, url } = readSources(options, env);
  const fromVariables = variables.token ?? variables.tokenFile;
  const elsewhere = written.url !== undefined && originOf(written.url) !== originOf(url);
  const source = fromVariables === undefined ? written : variables;
  const warnings: string[] = [];
  const value = elsewhere && source === written ? undefined : readToken(source, warnings);
  if (value === undefined) {
    const its = elsewhere ? `; the one in ${file} is for ${originOf(written.url ?? '')} alone` : '';
    const message = `expected for ${originOf(url)} in ${file} (token or tokenFile), in ${CLI_PREFIX}TOKEN or ${CLI_PREFIX}TOKEN_FILE${its}`;
    throw new ConfigError(NAME, [{ path: 'token', message }]);
  }
  if (source === written && written.token !== undefined) warnings.push(...readableByOthers(file));
  if (crossesTheNetworkOpenly(url)) {
    warnings.push(`${originOf(url)} is not https: whoever is on the way can read the token`);
  }
  return { url, token: new Secret(value), warnings };
}

/**
 * The gateway's URL alone, for somebody who signs in there.
 *
 * @throws ConfigError
 */
export function loadGatewayUrl(
  options: CliOptions,
  env: NodeJS.ProcessEnv = process.env,
): { readonly url: string; readonly warnings: readonly string[] } {
  const { url } = readSources(options, env);
  const open = `${originOf(url)} is not https: whoever is on the way can read the password`;
  return { url, warnings: crossesTheNetworkOpenly(url) ? [open] : [] };
}

const DEFAULT_FILE = 'rackside/cli.yaml';

function readSources(options: CliOptions, env: NodeJS.ProcessEnv) {
  const named = options.config;
  const file = named ?? join(env['XDG_CONFIG_HOME'] || join(homedir(), '.config'), DEFAULT_FILE);
  const written = readSource(file, named !== undefined);
  const variables = fromEnvironment(env);
  const flag = parseSource({ url: options.url }, '--url', '.');

  const url = flag.url ?? variables.url ?? written.url;
  if (url === undefined) {
    const message = `expected in ${file}, in ${CLI_PREFIX}URL or as --url`;
    throw new ConfigError(NAME, [{ path: 'url', message }]);
  }
  return { file, written, variables, url };
}

function readSource(file: string, wanted: boolean): Source {
  const missing = !wanted && statSync(file, { throwIfNoEntry: false }) === undefined;
  return parseSource(missing ? {} : readYaml(file), file, dirname(resolve(file)));
}

function fromEnvironment(env: NodeJS.ProcessEnv): Source {
  const tree: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(env)) {
    if (!name.startsWith(CLI_PREFIX) || value === undefined) continue;
    const key = VARIABLES[name];
    if (key === undefined) {
      const message = `unknown environment variable, expected one of ${Object.keys(VARIABLES).join(', ')}`;
      throw new ConfigError('the environment', [{ path: name, message }]);
    }
    tree[key] = value;
  }
  return parseSource(tree, `the environment (${CLI_PREFIX}…)`, '.');
}

function parseSource(tree: unknown, name: string, dir: string): Source {
  const parsed = settings.safeParse(tree);
  if (!parsed.success) throw new ConfigError(name, parsed.error.issues.flatMap(faultsOf));
  return { ...parsed.data, dir };
}

function readToken(source: Source, warnings: string[]): string | undefined {
  if (source.tokenFile === undefined) return source.token;
  const file = source.tokenFile.startsWith('~/')
    ? join(homedir(), source.tokenFile.slice(2))
    : resolve(source.dir, source.tokenFile);
  let text: string;
  try {
    text = readFileSync(file, 'utf8').replace(/\r?\n$/, '');
  } catch (cause) {
    throw new ConfigError(file, [{ path: '', message: `cannot be read: ${String(cause)}` }]);
  }
  const parsed = token.safeParse(text);
  if (!parsed.success) throw new ConfigError(file, parsed.error.issues.flatMap(faultsOf));
  warnings.push(...readableByOthers(file));
  return parsed.data;
}

function readableByOthers(file: string): string[] {
  const mode = statSync(file, { throwIfNoEntry: false })?.mode ?? 0;
  return (mode & 0o044) === 0
    ? []
    : [`${file} holds a token and others can read it: chmod 600 ${file}`];
}

function originOf(url: string): string {
  return new URL(url).origin;
}

function crossesTheNetworkOpenly(url: string): boolean {
  const { protocol, hostname } = new URL(url);
  return protocol === 'http:' && !isLoopback(hostname);
}
