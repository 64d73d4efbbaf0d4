import { isIP } from 'node:net';
import { z } from 'zod';
import type { Secret } from '../../secret.ts';
import { KVM_VENDORS, type KvmVendor } from '../provider-context.ts';
import {
  CA_OR_FINGERPRINT,
  certificates,
  configId,
  fingerprint,
  secret,
  strict,
  unique,
} from '../config-fields.ts';

/** Makers whose BMCs differ; `other` is what keeps to the standard, or is none of these. */
export const VENDORS = ['hpe', 'dell', 'supermicro', 'ami', 'openbmc', 'other'] as const;
export type Vendor = (typeof VENDORS)[number];

const hostAddress = z.string().refine((text) => isIP(text) !== 0 || /^[a-z0-9.-]+$/i.test(text), {
  error: 'expected a host name or an IP address, without a port',
});
const portOr = (usual: number) => z.int().min(1).max(65_535).default(usual);

/** What a host has of its own, or takes from its provider's section. */
const access = {
  username: z.string().min(1).optional(),
  password: secret().optional(),
  /** Of the BMC's web server; absent: the public CAs. */
  ca: certificates().optional(),
  /** SHA-256 of its certificate. */
  fingerprint: fingerprint().optional(),
};

/** IPMI 2.0 over LAN; name and password are the host's where it has none of its own. */
const ipmi = strict({
  enabled: z.boolean().default(true),
  port: portOr(623),
  /** 17 is what boards of today want; older ones know 3. */
  cipherSuite: z.int().min(0).max(17).default(17),
  privilege: z.enum(['USER', 'OPERATOR', 'ADMINISTRATOR']).default('ADMINISTRATOR'),
  username: z.string().min(1).max(16).optional(),
  password: secret((text) => text.max(20)).optional(),
});

/** How the serial line is reached and shown. */
const sol = strict({
  enabled: z.boolean().default(true),
  /** `auto`: `websocket` for OpenBMC, `ipmi` for all others. */
  via: z.enum(['auto', 'ipmi', 'ssh', 'websocket']).default('auto'),
  /** Told to the BMC before the line is opened; absent: as the BMC has it. */
  baud: z.literal([9600, 19_200, 38_400, 57_600, 115_200]).optional(),
  /** What the system at the other end takes it for. */
  terminal: z.enum(['ansi', 'linux', 'vt100', 'vt220', 'xterm', 'xterm-256color']).default('linux'),
  /** Lines that can be scrolled back. */
  scrollback: z.int().min(0).max(100_000).default(1000),
  /** What the Backspace key sends. */
  backspace: z.literal([8, 127]).default(127),
  /** Of a BMC whose serial line is behind an SSH server of its own. */
  ssh: strict({
    port: portOr(22),
    username: z.string().min(1).optional(),
    password: secret().optional(),
    privateKey: secret().optional(),
    /** As in known_hosts, without the name. */
    hostKey: z.string().min(1).optional(),
    /** What opens the line, where a shell comes first: `console com2`. */
    command: z.string().min(1).optional(),
  }).prefault({}),
});

const selector = z.string().min(1).max(500);
const path = z.string().regex(/^\/[^\s]*$/, { error: 'expected a path, from / on' });

const field = z.string().min(1).max(200);

const javaVersion = z
  .union([z.int(), z.string()])
  .transform(String)
  .pipe(
    z
      .string()
      .regex(/^\d{1,2}\+?$/, { error: 'expected 8 for that one, or 8+ for newer ones too' }),
  )
  .transform((text) => ({ major: Number.parseInt(text, 10), orNewer: text.endsWith('+') }));

/** How a BMC gives its Java console; what is not said is Supermicro's up to X10. */
const java = strict({
  signIn: z.boolean().default(true),
  loginPath: path.default('/cgi/login.cgi'),
  usernameField: field.default('name'),
  passwordField: field.default('pwd'),
  fields: z.record(field, z.string().max(1000)).default({}),
  json: z.boolean().default(false),
  sessionCookie: z
    .string()
    .regex(/^[\w!#$%&'*+.^`|~-]+$/, { error: 'expected the name of a cookie' })
    .optional(),
  jnlpPath: path.default('/cgi/url_redirect.cgi?url_name=ikvm&url_type=jwsk'),
  fillJnlp: z.boolean().default(false),
  logoutPath: path.optional(),
  javaVersion: javaVersion.optional(),
  ports: z.array(z.int().min(1).max(65_535)).max(32).default([]),
});

/** How its web page is made to show the graphical console. */
const kvm = strict({
  enabled: z.boolean().default(true),
  /** `auto`: by the maker. */
  driver: z.enum(['auto', ...KVM_VENDORS]).default('auto'),
  /** For the driver `form`: paths, and CSS selectors. */
  form: strict({
    loginPath: path,
    username: selector,
    password: selector,
    submit: selector,
    signedIn: selector,
    refused: selector.optional(),
    consolePath: path.optional(),
    shown: selector,
    logoutPath: path.optional(),
  }).optional(),
  /** For the driver `java`. */
  java: java.optional(),
})
  .refine(({ driver, form }) => (driver === 'form') === (form !== undefined), {
    path: ['form'],
    error: 'expected together with driver: form, and only then',
  })
  .refine((told) => told.driver === 'java' || told.java === undefined, {
    path: ['java'],
    error: 'expected only together with driver: java',
  })
  .transform((told) =>
    told.driver === 'java' ? { ...told, java: told.java ?? java.parse({}) } : told,
  );

interface PageSettings {
  readonly vendor: Vendor | 'auto';
  readonly kvm: z.output<typeof kvm>;
}

const host = strict({
  id: configId(),
  name: z.string().min(1).max(200).optional(),
  address: hostAddress,
  /** Of its web server. */
  port: portOr(443),
  vendor: z.enum(['auto', ...VENDORS]).default('auto'),
  ...access,
  /** Consoles sign in by an account of their own, made for them and deleted at their end. */
  temporaryUser: strict({
    role: z.enum(['ReadOnly', 'Operator', 'Administrator']).default('Operator'),
  }).optional(),
  /** `false`: IPMI alone, without a look for Redfish. */
  redfish: z.boolean().default(true),
  ipmi: ipmi.prefault({}),
  kvm: kvm.prefault({}),
  sol: sol.prefault({}),
  owner: z.string().min(1).optional(),
  location: z.string().min(1).optional(),
  labels: z.array(z.string().min(1).max(200)).max(100).default([]),
})
  .refine(...CA_OR_FINGERPRINT)
  .refine(
    (told) =>
      told.redfish ||
      told.ipmi.enabled ||
      pageDriverOf(told) !== undefined ||
      (told.sol.enabled && told.sol.via === 'ssh'),
    {
      path: ['ipmi', 'enabled'],
      error: 'expected true, where there is neither redfish, nor kvm.driver, nor sol.via: ssh',
    },
  );

export const bmcConfig = strict({
  id: configId(),
  type: z.literal('bmc'),
  ...access,
  /** Seconds for one call to a BMC; they are slow. */
  timeout: z.number().min(0.1).max(120).default(15),
  location: z.string().min(1).optional(),
  hosts: z.array(host).superRefine(unique('id')),
})
  .refine(...CA_OR_FINGERPRINT)
  .superRefine((config, context) => {
    for (const [index, each] of config.hosts.entries()) {
      for (const name of ['username', 'password'] as const) {
        if (each[name] || config[name]) continue;
        const message = `expected ${name}, here or beside hosts`;
        context.addIssue({ code: 'custom', path: ['hosts', index, name], message });
      }
    }
  });
export type BmcConfig = z.output<typeof bmcConfig>;
export type BmcHostConfig = BmcConfig['hosts'][number];

/** A host's section with what it takes from its provider's. */
export interface HostSettings extends BmcHostConfig {
  readonly username: string;
  readonly password: Secret;
  readonly location: string;
}

/**
 * What shows the graphical console of its web page; undefined where nothing does, or where its maker is
 * not known.
 *
 * @param found the maker, by what it says itself.
 */
export function pageDriverOf(
  { vendor, kvm: { enabled, driver } }: PageSettings,
  found?: Vendor,
): KvmVendor | undefined {
  if (!enabled) return undefined;
  if (driver !== 'auto') return driver;
  const maker = vendor === 'auto' ? found : vendor;
  return KVM_VENDORS.find((known) => known === maker);
}

/** Where a BMC's web server is. */
export function webServerOf({ address, port }: Pick<HostSettings, 'address' | 'port'>): URL {
  return new URL(`https://${isIP(address) === 6 ? `[${address}]` : address}:${port}`);
}
