import { parseUrl } from '../../../platform/parse-url.ts';
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
    ...(way === 'java' ? { kvm: { driver: 'java', ...javaOf(settings) } } : KVM[way]),
  };
}

/** `browser`: the page as it is, where nobody was signed in either. */
const KVM: Readonly<Record<Exclude<Way, 'java'>, Readonly<Record<string, Value>>>> = {
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

/** What the provider is told of a Java console, where it is not what it takes by itself. */
function javaOf(settings: NojavaSettings): Readonly<Record<string, Value>> {
  const { session_cookie_key: sessionCookie, extra_login_form_fields: fields } = settings;
  const major = /^\d+/.exec(settings.java_version ?? '')?.[0];
  const java: Readonly<Record<string, Value>> = {
    ...(settings.skip_login && { signIn: false }),
    ...(settings.login_endpoint != null && { loginPath: pathOf(settings.login_endpoint) }),
    ...(settings.user_login_attribute_name != null && {
      usernameField: settings.user_login_attribute_name,
    }),
    ...(settings.password_login_attribute_name != null && {
      passwordField: settings.password_login_attribute_name,
    }),
    ...(fields && Object.keys(fields).length > 0 && { fields }),
    ...(settings.send_post_data_as_json && { json: true }),
    ...(sessionCookie != null && { sessionCookie }),
    ...(settings.download_endpoint != null && { jnlpPath: pathOf(settings.download_endpoint) }),
    ...(settings.format_jnlp && { fillJnlp: true }),
    // Its versions are those of its images; what runs on one runs on most that came after it.
    ...(major !== undefined && { javaVersion: `${major}+` }),
  };
  return Object.keys(java).length > 0 ? { java } : {};
}

/** As a URL's path is found from the BMC's first page. */
function pathOf(endpoint: string): string {
  const base = 'https://bmc/';
  // What is no address is named as a wrong path, with its line.
  const url = parseUrl(endpoint, base);
  return url ? url.pathname + url.search : endpoint;
}

/** `false`, or nothing in it. */
function isOff(value: NojavaSettings[keyof NojavaSettings]): boolean {
  return !value || (typeof value === 'object' && Object.keys(value).length === 0);
}
