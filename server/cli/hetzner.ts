import type { Command } from 'commander';
import { loadConfig } from '../config.ts';
import { connectCloud } from '../providers/hetzner/connect-cloud.ts';
import { ServerManagement } from '../providers/hetzner/server-management.ts';
import { CliError, EXIT } from './fail.ts';
import { print, printable, warn } from './print.ts';
import { withRateLimit } from './with-rate-limit.ts';

interface HetznerOptions {
  readonly config?: string;
  readonly provider?: string;
}

interface CreateOptions extends HetznerOptions {
  readonly type: string;
  readonly image: string;
  readonly datacenter?: string;
}

/** What is about servers and not about their consoles, and asks the cloud without a gateway. */
export function addHetzner(program: Command): void {
  const group = program
    .command('hetzner')
    .description("make, label and delete servers in Hetzner's cloud, by the configuration's token");

  withProvider(group.command('create <name>').description('make a server; prints its addresses'))
    .option('-t, --type <type>', 'of the server', 'cx22')
    .option('-i, --image <image>', 'what it boots', 'debian-12')
    .option('-d, --datacenter <name>', "in which data centre (default: the cloud's choice)")
    .action((name: string, { type, image, datacenter, ...options }: CreateOptions) =>
      manage(options, async (servers) => {
        const made = await servers.create({ name, type, image, datacenter });
        show(made.addresses);
        if (made.rootPassword !== null) warn(`root password: ${made.rootPassword}`);
      }),
    );
  withProvider(group.command('kill <name>').description('delete a server and all that is on it'))
    .requiredOption('--yes', 'it is meant so: nothing brings it back')
    .action((name: string, options: HetznerOptions) =>
      manage(options, (servers) => servers.delete(name)),
    );
  withProvider(group.command('settag <name> <key> [value]').description('label a server')).action(
    (name: string, key: string, value: string | undefined, options: HetznerOptions) =>
      manage(options, (servers) => servers.label(name, key, value ?? '')),
  );
  withProvider(group.command('deltag <name> <key>').description('take a label away')).action(
    (name: string, key: string, options: HetznerOptions) =>
      manage(options, (servers) => servers.label(name, key, null)),
  );
  withProvider(group.command('images').description('names of the images of the cloud')).action(
    (options: HetznerOptions) => manage(options, async (servers) => show(await servers.images())),
  );
  withProvider(group.command('dc').description('names of the data centres')).action(
    (options: HetznerOptions) =>
      manage(options, async (servers) => show(await servers.datacenters())),
  );
}

function show(names: readonly string[]): void {
  for (const name of names) print(printable(name));
}

function withProvider(command: Command): Command {
  return command
    .option('-c, --config <file>', "the gateway's YAML file, which has the API token")
    .option('--provider <id>', 'which of its projects, where it has several');
}

async function manage(
  { config: file, provider }: HetznerOptions,
  work: (servers: ServerManagement) => Promise<void>,
): Promise<void> {
  const { providers, redis } = loadConfig(file);
  const projects = providers.filter((section) => section.type === 'hetzner');
  const found = projects.filter(({ id }) => provider === undefined || id === provider);
  const [project, another] = found;
  if (!project || another) {
    const known = projects.map(({ id }) => id).join(', ') || 'none';
    throw new CliError(`say which project with --provider: ${known}`, EXIT.misconfigured);
  }
  await withRateLimit(redis, async (rateLimit) => {
    const cloud = connectCloud(project, rateLimit);
    try {
      await work(new ServerManagement(cloud, project));
    } finally {
      await cloud.close();
    }
  });
}
