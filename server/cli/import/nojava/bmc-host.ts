import type { Notes } from '../notes.ts';
import type { Value } from '../section.ts';
import { type Way, whyLeft } from './left-behind.ts';
import type { NojavaHost } from './read-nojava.ts';
import type { NojavaSettings } from './schema.ts';

/** Whom nojava-ipmi-kvm signs in where nobody is named. */
const USER = 'ADMIN';

/** What the provider `bmc` is told of the host, but for its id; notes all that it cannot be told. */
export function bmcHost(host: NojavaHost, notes: Notes): Readonly<Record<string, Value>> {
  const { name, hostname, settings, place } = host;
  const way = wayOf(settings);
  for (const { key, name: called, place: at } of host.written) {
    const why = isOff(settings[key]) ? undefined : whyLeft(key, way);
    if (why !== undefined) notes.add(at, called, why);
  }
  if (way === 'java') {
    const why = 'Java consoles are not shown by this gateway; its serial line and power are';
    notes.add(place, name, why);
  }
  if (way === 'maker') {
    const why =
      'its HTML5 console is shown if Redfish tells a maker whose page is known; else kvm.form wants CSS selectors, which this file does not have, or kvm.driver: browser lets whoever looks sign in';
    notes.add(place, name, why);
  }
  if (settings.skip_login && settings.login_user == null) {
    notes.add(place, `${name}.login_user`, `Redfish and IPMI want one: it is set to ${USER}`);
  }
  return {
    name,
    address: hostname.replace(/^\[(.*)\]$/, '$1'),
    username: settings.login_user ?? USER,
    ...KVM[way],
  };
}

/** `browser`: the page as it is, where nobody was signed in either. */
const KVM: Readonly<Record<Way, Readonly<Record<string, Value>>>> = {
  java: { kvm: { enabled: false } },
  supermicro: { vendor: 'supermicro' },
  maker: {},
  browser: { kvm: { driver: 'browser' } },
};

function wayOf(settings: NojavaSettings): Way {
  if (settings.html5_endpoint == null) return 'java';
  if (settings.skip_login) return 'browser';
  const login = settings.login_endpoint ?? 'cgi/login.cgi';
  const isSupermicro =
    /^\/?cgi\/login\.cgi$/.test(login) &&
    /^\/?cgi\/url_redirect\.cgi\b/.test(settings.html5_endpoint);
  return isSupermicro ? 'supermicro' : 'maker';
}

/** `false`, or nothing in it. */
function isOff(value: NojavaSettings[keyof NojavaSettings]): boolean {
  return !value || (typeof value === 'object' && Object.keys(value).length === 0);
}
