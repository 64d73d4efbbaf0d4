import type { Config } from '../../config.ts';
import { GUACD_PROTOCOLS, type GuacdProtocol } from '../../providers/provider.ts';
import { type GuacdAnswer, askGuacd } from '../../tunnel/guacd-health.ts';
import { checkProgram } from './check-program.ts';
import type { Finding } from './finding.ts';

/** Each guacd of each location, by a handshake for each protocol. */
export async function checkGuacds(config: Config): Promise<Finding[]> {
  if (config.locations === undefined) {
    const mend = 'run guacd/install.sh, or name a guacd in locations.default.guacd';
    return [await checkProgram('guacd', 'guacd', mend)];
  }
  const locations = Object.entries(config.locations);
  const [first = ''] = locations.map(([name]) => name);
  const found = await Promise.all(
    locations.flatMap(([name, { guacd }]) => {
      const used = protocolsUsed(config, name, name === first);
      return guacd.map((address) => checkGuacd(`guacd of ${name}`, address, used));
    }),
  );
  return found.flat();
}

/** The protocols of the machines that are written down; no location means the first one. */
function protocolsUsed(config: Config, location: string, isFirst: boolean): Set<GuacdProtocol> {
  const machines = config.providers
    .flatMap((provider) => (provider.type === 'static' ? provider.machines : []))
    .filter((machine) =>
      machine.location === undefined ? isFirst : machine.location === location,
    );
  return new Set(
    GUACD_PROTOCOLS.filter((protocol) => machines.some(({ consoles }) => consoles[protocol])),
  );
}

async function checkGuacd(
  what: string,
  address: { readonly host: string; readonly port: number },
  used: ReadonlySet<GuacdProtocol>,
): Promise<Finding[]> {
  const where = `${address.host}:${address.port}`;
  const answers = await Promise.all(
    GUACD_PROTOCOLS.map(async (protocol) => ({
      protocol,
      answer: await askGuacd(address, protocol),
    })),
  );
  const speaking = answers.flatMap(({ protocol, answer }) =>
    answer.is === 'speaks' ? [{ protocol, version: answer.version }] : [],
  );
  const [first] = speaking;
  if (first === undefined) {
    const [{ answer } = { answer: { is: 'silent' } as GuacdAnswer }] = answers;
    return [{ level: 'wrong', what, message: `${where} ${complaint(answer)}` }];
  }
  const findings: Finding[] = [
    {
      level: 'ok',
      what,
      message: `${where} speaks ${speaking.map(({ protocol }) => protocol).join(', ')}, protocol ${first.version}`,
    },
  ];
  for (const { protocol } of answers) {
    if (speaking.some((each) => each.protocol === protocol)) continue;
    const needed = used.has(protocol);
    const who = needed ? ', which machines here need' : '';
    const message = `${where} has no ${protocol}${who}; install its libguac-client-${protocol}`;
    findings.push({ level: needed ? 'wrong' : 'note', what, message });
  }
  return findings;
}

function complaint(answer: GuacdAnswer): string {
  switch (answer.is) {
    case 'unreachable': {
      const names = ['ENOTFOUND', 'EAI_AGAIN'].includes(answer.reason);
      const mend = names ? 'correct the host in locations' : 'start guacd, or correct locations';
      return `takes no connection (${answer.reason}); ${mend}`;
    }
    case 'foreign':
      return 'is something other than guacd; correct locations';
    case 'closed':
      return 'ends every connection; see the log of guacd';
    case 'silent':
      return 'takes connections and answers nothing; restart guacd, and look for its plugins (libguac-client-…)';
    case 'speaks':
      return 'answers';
  }
}
