import { type Document, LineCounter, isMap, isNode, isScalar, parseDocument } from 'yaml';
import { ConfigError } from '../../../config.ts';
import { faultsOf } from '../../../config/config-error.ts';
import type { Notes, Place } from '../notes.ts';
import { expandHome, readSource } from '../source-text.ts';
import { yamlFault } from '../yaml-fault.ts';
import { type NojavaSettings, nojavaFile } from './schema.ts';

export const NOJAVA_FILE = '~/.nojava-ipmi-kvmrc.yaml';

/** How a BMC's web page is signed in to; its password is asked for each time and stands nowhere. */
export interface NojavaLogin {
  readonly username: string;
  /** Relative to the host's address. */
  readonly endpoint: string;
  readonly usernameField: string;
  readonly passwordField: string;
  readonly extraFields: Readonly<Record<string, string>>;
  readonly json: boolean;
}

export type NojavaConsole =
  | {
      readonly kind: 'java';
      readonly endpoint: string;
      readonly javaVersion: string;
      /** `{base_url}` and `{session_key}` in the JNLP stand for what they say. */
      readonly formatJnlp: boolean;
    }
  | { readonly kind: 'html5'; readonly endpoint: string; readonly rewrites: readonly Rewrite[] };

export interface Rewrite {
  readonly search: string;
  readonly replace: string;
  readonly pathMatch: string;
}

export interface NojavaHost {
  /** As its users call it. */
  readonly name: string;
  readonly hostname: string;
  /** Null where nobody signs in. */
  readonly login: NojavaLogin | null;
  readonly allowInsecureTls: boolean;
  /** Under which name a session's key from the page's text becomes a cookie. */
  readonly sessionCookie: string | null;
  readonly console: NojavaConsole;
  readonly place: Place;
}

export interface Nojava {
  readonly hosts: readonly NojavaHost[];
  /** Of the screen on which consoles run. Pixels */
  readonly display: { readonly width: number; readonly height: number };
}

/** Keys that mean something for one kind of console alone. */
const OF_JAVA = ['download_endpoint', 'java_version', 'format_jnlp'] as const;

/**
 * The hosts of a nojava-ipmi-kvm's file, each with what its template and the defaults say.
 *
 * @throws ConfigError naming each wrong key and its line.
 */
export function readNojava(notes: Notes, path: string = NOJAVA_FILE): Nojava {
  const { file, text } = readSource(expandHome(path), notes);
  const lines = new LineCounter();
  const document = parseDocument(text, { version: '1.1', lineCounter: lines });
  const [error] = document.errors;
  if (error) throw new ConfigError(file, [yamlFault(error)]);
  const placeOf = (...keys: readonly string[]): Place => ({
    file,
    line: lineOf(document, lines, keys),
  });
  const parsed = nojavaFile.safeParse(document.toJS() ?? {});
  if (!parsed.success) {
    const faults = parsed.error.issues.flatMap((issue) =>
      faultsOf(issue).map(({ path: key, message }) => {
        const keys = [...issue.path.map(String), key.split('.').at(-1) ?? ''];
        const line = lineOf(document, lines, keys);
        return { path: line === undefined ? key : `line ${line}, ${key}`, message };
      }),
    );
    throw new ConfigError(file, faults);
  }
  const { general, templates, hosts } = parsed.data;
  for (const key of ['run_docker_with_sudo', 'java_docker_image', 'html5_docker_image'] as const) {
    if (general?.[key] == null) continue;
    notes.add(placeOf('general', key), key, 'there is no container engine to tell of');
  }
  const [width = 1024, height = 768] = (general?.x_resolution ?? '').split('x').flatMap(numberOf);
  const read = Object.entries(hosts).map(([name, { based_on: basis, ...own }]) => {
    const template = basis == null ? undefined : templates?.[basis];
    if (basis != null && !template) {
      notes.add(placeOf('hosts', name, 'based_on'), name, `there is no template ${basis}`);
    }
    const place = placeOf('hosts', name);
    const settings = { ...template, ...own };
    for (const key of unusedOf(settings)) {
      notes.add(place, `${name}.${key}`, "is a Java console's, and this host has an HTML5 one");
    }
    if (settings.full_hostname == null) {
      const message = 'expected the full name of the host';
      throw new ConfigError(file, [
        { path: `line ${place.line}, hosts.${name}.full_hostname`, message },
      ]);
    }
    return hostOf(name, settings.full_hostname, settings, place);
  });
  return { hosts: read, display: { width, height } };
}

function hostOf(
  name: string,
  hostname: string,
  settings: NojavaSettings,
  place: Place,
): NojavaHost {
  return {
    ...{ name, hostname, place },
    login: settings.skip_login
      ? null
      : {
          username: settings.login_user ?? 'ADMIN',
          endpoint: settings.login_endpoint ?? 'cgi/login.cgi',
          usernameField: settings.user_login_attribute_name ?? 'name',
          passwordField: settings.password_login_attribute_name ?? 'pwd',
          extraFields: settings.extra_login_form_fields ?? {},
          json: settings.send_post_data_as_json ?? false,
        },
    allowInsecureTls: settings.allow_insecure_ssl ?? false,
    sessionCookie: settings.session_cookie_key ?? null,
    console: consoleOf(settings),
  };
}

function consoleOf(settings: NojavaSettings): NojavaConsole {
  const { html5_endpoint: endpoint, rewrites } = settings;
  if (endpoint != null) {
    const found = (rewrites ?? []).map(({ search, replace, path_match: pathMatch }) => ({
      ...{ search, replace, pathMatch },
    }));
    return { kind: 'html5', endpoint, rewrites: found };
  }
  return {
    kind: 'java',
    endpoint: settings.download_endpoint ?? 'cgi/url_redirect.cgi?url_name=ikvm&url_type=jwsk',
    javaVersion: settings.java_version ?? '7u181',
    formatJnlp: settings.format_jnlp ?? false,
  };
}

function unusedOf(settings: NojavaSettings): readonly string[] {
  return settings.html5_endpoint == null ? [] : OF_JAVA.filter((key) => settings[key] != null);
}

function numberOf(text: string): number | [] {
  return text === '' ? [] : Number(text);
}

/** Of the innermost of these keys that is there. */
function lineOf(
  { contents }: Document,
  lines: LineCounter,
  keys: readonly string[],
): number | undefined {
  let node: unknown = contents;
  let line: number | undefined;
  for (const name of keys) {
    const pair = isMap(node) ? node.items.find(({ key }) => textOf(key) === name) : undefined;
    if (pair && isNode(pair.key) && pair.key.range) line = lines.linePos(pair.key.range[0]).line;
    node = pair?.value;
  }
  return line;
}

function textOf(key: unknown): string {
  return isScalar(key) ? String(key.value) : '';
}
