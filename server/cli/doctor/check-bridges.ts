import { once } from 'node:events';
import { type Server, createServer } from 'node:net';
import type { Config } from '../../config.ts';
import type { ProviderConfig } from '../../providers/registry.ts';
import { guacdReaches } from '../../tunnel/guacd-health.ts';
import { type Finding, codeOf, reasonOf } from './finding.ts';

const WHAT = 'bridges';
/** Whose machines guacd reaches by itself. */
const DIRECT: ReadonlySet<string> = new Set(['static', 'opennebula', 'websockify']);

/** Whether every guacd that may be led to a bridge of the gateway gets there: it is made to try. */
export async function checkBridges(config: Config): Promise<Finding[]> {
  const { bridges, locations, providers } = config;
  const bridged = providers.filter(
    (section) =>
      !DIRECT.has(section.type) && !(section.type === 'ovirt' && section.vncSecurity === 'plain'),
  );
  if (bridged.length === 0) return [];
  const server = createServer();
  try {
    server.listen(0, bridges.listen);
    await once(server, 'listening');
  } catch (error) {
    const mend =
      codeOf(error) === 'EADDRNOTAVAIL' ? 'write an address of this machine' : 'correct it';
    return [wrong(`${bridges.listen} cannot be listened on (${reasonOf(error)}); ${mend}`)];
  }
  try {
    const [first = ''] = Object.keys(locations ?? {});
    const used = new Set(bridged.flatMap(locationsOf).map((name) => name ?? first));
    const found: Finding[] = [];
    for (const [name, { guacd }] of Object.entries(locations ?? {})) {
      if (!used.has(name)) continue;
      for (const address of guacd) found.push(...(await lookFrom(name, address, server, config)));
    }
    return found;
  } finally {
    server.close();
  }
}

/** Those of a section's machines; undefined is the first one. */
function locationsOf(section: ProviderConfig): readonly (string | undefined)[] {
  if (section.type === 'bmc') {
    return section.hosts.map(({ location = section.location }) => location);
  }
  return ['location' in section ? section.location : undefined];
}

/** One after the other: a connection does not say which guacd it is from. */
async function lookFrom(
  location: string,
  address: { readonly host: string; readonly port: number },
  server: Server,
  { bridges }: Config,
): Promise<Finding[]> {
  const host = bridges.advertise ?? bridges.listen;
  const who = `guacd of ${location} (${address.host}:${address.port})`;
  const first = await guacdReaches(address, { host, server });
  // A guacd that is very busy gets a second chance: what is said here has to be true.
  switch (first === 'fails' ? await guacdReaches(address, { host, server }) : first) {
    case 'reaches':
      return [{ level: 'ok', what: WHAT, message: `${who} reaches this gateway at ${host}` }];
    case 'fails':
      return [
        wrong(
          `${who} does not reach this gateway at ${host}, and shows no machine by it; set bridges.listen and bridges.advertise to an address of this machine that it reaches, and open the firewall`,
        ),
      ];
    case 'mute':
      // It is no guacd, or has no VNC: that is said of it already.
      return [];
  }
}

function wrong(message: string): Finding {
  return { level: 'wrong', what: WHAT, message };
}
