import { bulkhead } from 'cockatiel';
import { toGatewayError } from '../../errors.ts';
import type { BmcConfig, BmcHostConfig } from '../../providers/bmc/schema.ts';
import type { Provider } from '../../providers/provider.ts';
import { nameOf } from './check-bmcs.ts';
import type { Finding } from './finding.ts';
import { knownMendOf } from './provider-mends.ts';

/** BMCs that are asked together. */
const AT_ONCE = 32;

/**
 * Each BMC, asked by itself: a list has those that do not answer, too. Each call has its own limit.
 *
 * @param lost by `nameOf`, those that are not asked, since it is said already what is wrong with them.
 */
export async function askBmcs(
  section: BmcConfig,
  provider: Provider,
  lost: ReadonlySet<string>,
): Promise<Finding[]> {
  const places = bulkhead(AT_ONCE, Number.POSITIVE_INFINITY);
  const asked = section.hosts.filter((host) => !lost.has(nameOf(section, host)));
  const answers = await Promise.all(
    asked.map((host) => places.execute(() => askBmc(section, host, provider))),
  );
  const wrong = answers.filter((finding) => finding !== undefined);
  const all = section.hosts.length;
  const useless = all - asked.length + wrong.length;
  const lists = `lists ${all} machines`;
  const what = `provider ${section.id}`;
  if (useless === 0) return [{ level: 'ok', what, message: lists }];
  const message = `${lists}, and ${useless} of them cannot be used: see above`;
  return [...wrong, { level: 'note', what, message }];
}

async function askBmc(
  section: BmcConfig,
  host: BmcHostConfig,
  provider: Provider,
): Promise<Finding | undefined> {
  try {
    await provider.get(host.id);
    return undefined;
  } catch (error) {
    const what = nameOf(section, host);
    const { message: said, status } = toGatewayError(error);
    const sentence = said.startsWith(what) ? said.slice(what.length).replace(/^[: ]+/, '') : said;
    const mend =
      status === 'provider_refused'
        ? 'correct its username and password, for IPMI ipmi.username and ipmi.password, or the rights of its account'
        : knownMendOf(error, section);
    return { level: 'wrong', what, message: mend ? `${sentence}; ${mend}` : sentence };
  }
}
