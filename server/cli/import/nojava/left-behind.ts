import type { NojavaSettings } from './schema.ts';

/**
 * How a host's console is shown: by Java, by Supermicro's page, by the page of whatever maker it
 * turns out to be, or by the page as it is.
 */
export type Way = 'java' | 'supermicro' | 'maker' | 'browser';

type Why = Readonly<Record<Way, string | undefined>>;

const everywhere = (why: string | undefined): Why => ({
  ...{ java: why, supermicro: why, maker: why, browser: why },
});

const carried = everywhere(undefined);
const javaAlone: Why = {
  ...everywhere("is a Java console's, and this host has an HTML5 one"),
  java: undefined,
};
const signIn: Why = {
  ...everywhere("how a page is signed in to is known of each maker, and not the file's to say"),
  java: undefined,
  browser: 'nobody is signed in there',
};

const LEFT: Readonly<Record<keyof NojavaSettings, Why>> = {
  full_hostname: carried,
  login_user: carried,
  skip_login: carried,
  login_endpoint: { ...signIn, supermicro: undefined },
  user_login_attribute_name: signIn,
  password_login_attribute_name: signIn,
  send_post_data_as_json: signIn,
  extra_login_form_fields: signIn,
  session_cookie_key: signIn,
  allow_insecure_ssl: everywhere(
    'no certificate goes unchecked: set fingerprint for each host; rackside doctor shows it',
  ),
  download_endpoint: javaAlone,
  java_version: javaAlone,
  format_jnlp: javaAlone,
  html5_endpoint: {
    ...carried,
    maker: 'the console is known by its maker, and not by its address',
    browser: "the BMC's first page is opened, and whoever looks goes on from there",
  },
  rewrites: {
    ...everywhere(
      'the page is opened where it is, by a browser of the gateway: nothing to rewrite',
    ),
    java: "is an HTML5 console's, and this host has a Java one",
  },
};

/** Why a key of such a host has no counterpart; undefined where it is carried over. */
export function whyLeft(key: keyof NojavaSettings, way: Way): string | undefined {
  return LEFT[key][way];
}
