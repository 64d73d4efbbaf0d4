import type { Command } from 'commander';
import { type Config, ConfigError, loadConfig } from '../config.ts';
import { checkBmcs, lostHosts } from './doctor/check-bmcs.ts';
import { checkBridges } from './doctor/check-bridges.ts';
import { checkDataDir } from './doctor/check-data-dir.ts';
import { checkGuacds } from './doctor/check-guacds.ts';
import { checkImages } from './doctor/check-images.ts';
import { checkProviders } from './doctor/check-providers.ts';
import { checkPublicUrl } from './doctor/check-public-url.ts';
import { checkRedis } from './doctor/check-redis.ts';
import { checkScreens } from './doctor/check-screens.ts';
import { checkSources } from './doctor/check-sources.ts';
import type { Finding } from './doctor/finding.ts';
import { EXIT } from './fail.ts';
import { print, printable } from './print.ts';

export function addDoctor(program: Command): void {
  program
    .command('doctor')
    .description('look whether the gateway can run with its configuration; 1 when it cannot')
    .option('-c, --config <file>', 'YAML file; settings come from RACKSIDE_… variables too')
    .addHelpText(
      'after',
      "\nRun it as the gateway's user and in its folder: rights and paths are theirs.",
    )
    .action(examine);
}

async function examine(options: { config?: string }): Promise<void> {
  const findings = await examineAll(options.config);
  for (const { level, what, message } of findings) {
    print(`${level.padEnd('wrong'.length)}  ${printable(`${what}: ${message}`)}`);
  }
  if (findings.some(({ level }) => level === 'wrong')) process.exitCode = EXIT.failed;
}

async function examineAll(file: string | undefined): Promise<Finding[]> {
  const what = 'config';
  let config: Config;
  try {
    config = loadConfig(file);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    // The rest depends on it.
    return error.faults.map(({ path, message }) => ({
      level: 'wrong',
      what,
      message: path ? `${path}: ${message}` : `${error.source} ${message}`,
    }));
  }
  const nobody = [config.users, config.apiTokens, config.launch, config.oidc, config.ldap].every(
    (ways) => ways.length === 0,
  );
  const found = await Promise.all([
    checkPublicUrl(config),
    checkDataDir(config.dataDir),
    checkRedis(config),
    // One after the other: a guacd that forks for several at once may hang in one of them.
    checkGuacds(config).then(async (guacds) => [...guacds, ...(await checkBridges(config))]),
    checkSources(config),
    checkBmcs(config).then(async (bmcs) => [
      ...bmcs,
      ...(await checkProviders(config, undefined, lostHosts(config, bmcs))),
    ]),
    checkScreens(config),
    checkImages(config),
  ]);
  return [
    { level: 'ok', what, message: file ?? 'no file, defaults and RACKSIDE_… variables' },
    ...(nobody ? [NOBODY] : []),
    ...found.flat(),
  ];
}

const NOBODY: Finding = {
  level: 'note',
  what: 'config',
  message:
    'nobody can open a console: add users, oidc, ldap, apiTokens (rackside token create) or launch',
};
