import proxyAddr from 'proxy-addr';
import { z } from 'zod';
import { ACTIONS, ROLES } from '../contract/index.ts';
import { LOG_LEVELS } from '../log.ts';
import { configId, secret, strict, unique } from '../providers/config-fields.ts';
import { providerConfigs } from '../providers/registry.ts';
import { audit } from './audit.ts';
import { bridges } from './bridges.ts';
import { closeUrls } from './close-urls.ts';
import { embedding } from './embedding.ts';
import { fireEdge } from './fireedge.ts';
import { hostkey } from './hostkey.ts';
import { images } from './images.ts';
import { inventory } from './inventory.ts';
import { kvm } from './kvm.ts';
import { launchIssuer } from './launch-issuer.ts';
import { webOrigin } from './web-origin.ts';
import { ldapSource } from './ldap.ts';
import { oidcSource } from './oidc.ts';
import { distinctPrefixes } from './remote-source.ts';
import { metrics } from './metrics.ts';
import { machinePattern, policyRule, providerOf } from './policy.ts';
import { signIn } from './sign-in.ts';

/** Bytes of an HMAC or encryption secret; shorter ones can be searched. */
const KEY_BYTES = 32;
/** The PHC string format with its salt and its hash. */
const ARGON2ID = /^\$argon2id\$v=\d+\$m=\d+,t=\d+,p=\d+\$[A-Za-z0-9+/]+\$[A-Za-z0-9+/]+$/;
const BASE64 = /^[A-Za-z0-9+/_-]+={0,2}$/;

const seconds = z.int({ error: 'expected a whole number of seconds' });
const port = z.int().min(0).max(65_535);

const key = strict({
  id: configId(),
  secret: secret((text) =>
    text
      .regex(BASE64, { error: 'expected base64' })
      .refine((value) => Buffer.from(value, 'base64').length >= KEY_BYTES, {
        error: `expected at least ${KEY_BYTES} bytes in base64`,
      }),
  ),
});

const MOST_WORKERS = 64;
const workersWanted = `expected a whole number from 1 to ${MOST_WORKERS}, or "auto"`;
const workerCount = z
  .int({ error: workersWanted })
  .min(1, { error: workersWanted })
  .max(MOST_WORKERS, { error: workersWanted });

const listen = strict({
  host: z.string().min(1).default('127.0.0.1'),
  port: port.default(8080),
  /** Addresses or CIDR ranges whose X-Forwarded-* headers are believed. */
  trustedProxies: z
    .array(z.string().refine(isAddressRange, { error: 'expected an address or a CIDR range' }))
    .default([]),
  /** Once it is told to stop: for which it answers still, so that a balancer sees that it is not ready. */
  drain: seconds.min(0).max(600).default(0),
});

const guacd = strict({ host: z.string().min(1), port: port.min(1).default(4822) });
const location = strict({ guacd: z.array(guacd).min(1) });

const user = strict({
  name: z.string().min(1).max(128),
  role: z.enum(ROLES),
  passwordHash: secret((text) =>
    text.regex(ARGON2ID, {
      error: 'expected an argon2id hash ($argon2id$v=19$…)',
    }),
  ),
  /** Whatever `signIn.totp` says of their role. */
  totp: z.literal('required', { error: 'expected "required", or no such key' }).optional(),
});

const apiToken = strict({
  name: z.string().min(1).max(128),
  role: z.enum(ROLES),
  /** Its scope; absent is all that the role may do. */
  actions: z.array(z.enum(ACTIONS)).min(1).optional(),
  machines: z.array(machinePattern).min(1).optional(),
  tokenHash: secret((text) =>
    text.regex(/^[0-9a-f]{64}$/i, { error: "expected the token's sha256, 64 hex digits" }),
  ),
});

const consoles = strict({
  ttl: seconds.min(1).default(7200),
  extendStep: seconds.min(1).default(3600),
  maxTtl: seconds.min(1).default(28_800),
  idle: seconds.min(0).default(900),
  grace: seconds.min(0).default(60),
  tokenTtl: seconds.min(1).max(300).default(30),
  /** Whether a page is asked for what a target wants and its configuration lacks. */
  askCredentials: z.boolean().default(true),
  approvalTtl: seconds.min(1).max(86_400).default(900),
  /** Open consoles that a customer may have opened by themselves; 0 is any number. */
  perCustomer: z.int().min(0).max(100_000).default(50),
}).refine((value) => value.ttl <= value.maxTtl, {
  path: ['ttl'],
  error: 'expected at most consoles.maxTtl',
});

/**
 * The config file's schema; DESIGN.md section 6 fixes the names. It refuses what it does not know.
 */
export const configSchema = strict({
  listen: listen.prefault({}),
  publicUrl: webOrigin.optional(),
  /** Origins besides publicUrl's from which browsers may call. */
  allowedOrigins: z.array(webOrigin.transform((url) => url.origin)).default([]),
  /** Processes that carry tunnels; 1 is the gateway's own. */
  workers: z.union([workerCount, z.literal('auto')], { error: workersWanted }).default(1),
  dataDir: z.string().min(1).default('./data'),
  log: strict({ level: z.enum(LOG_LEVELS).default('info') }).prefault({}),
  redis: strict({
    url: secret((text) =>
      text.regex(/^(rediss?|unix):\/\/\S+$/, {
        error: 'expected redis://…, rediss://… or unix:///path',
      }),
    ),
  }).optional(),
  locations: z
    .record(configId(), location)
    .refine((all) => Object.keys(all).length > 0, { error: 'expected at least one location' })
    .optional(),
  keys: z.array(key).min(1).superRefine(unique('id')).optional(),
  users: z.array(user).superRefine(unique('name')).default([]),
  signIn: signIn.prefault({}),
  apiTokens: z.array(apiToken).superRefine(unique('name')).default([]),
  policy: z.array(policyRule).default([]),
  launch: z.array(launchIssuer).superRefine(unique('issuer')).default([]),
  oidc: z.array(oidcSource).superRefine(unique('id')).default([]),
  ldap: z.array(ldapSource).superRefine(unique('id')).default([]),
  hostkey: hostkey.optional(),
  fireEdge: fireEdge.optional(),
  closeUrls: closeUrls.optional(),
  audit: audit.prefault({}),
  embedding: embedding.prefault({}),
  consoles: consoles.prefault({}),
  bridges: bridges.prefault({}),
  inventory: inventory.prefault({}),
  images: images.prefault({}),
  kvm: kvm.prefault({}),
  metrics: metrics.prefault({}),
  providers: z.array(providerConfigs).superRefine(unique('id')).default([]),
}).superRefine((config, context) => {
  distinctPrefixes(config, context);
  if (config.kvm.images && config.images.path === undefined) {
    const message = 'expected a folder images.path';
    context.addIssue({ code: 'custom', path: ['kvm', 'images'], message });
  }
  const known = Object.keys(config.locations ?? { default: true });
  for (const { path, location: named } of [
    ...locationsIn(config.providers, ['providers']),
    ...locationsIn(config.fireEdge, ['fireEdge']),
  ]) {
    if (known.includes(named)) continue;
    const message = `unknown location "${named}", expected one of ${known.join(', ')}`;
    context.addIssue({ code: 'custom', path, message });
  }
  const own = config.fireEdge ? ['fireedge'] : [];
  const providers = [...config.providers.map(({ id }) => id), ...own];
  for (const [index, { id }] of config.providers.entries()) {
    if (!own.includes(id)) continue;
    const message = "is how the machines of FireEdge's tokens begin: choose another";
    context.addIssue({ code: 'custom', path: ['providers', index, 'id'], message });
  }
  for (const section of ['policy', 'apiTokens'] as const) {
    for (const [index, { machines }] of config[section].entries()) {
      for (const [at, pattern] of (machines ?? []).entries()) {
        const provider = providerOf(pattern);
        if (provider === undefined || providers.includes(provider)) continue;
        const path = [section, index, 'machines', at];
        context.addIssue({ code: 'custom', path, message: unknownProvider(provider, providers) });
      }
    }
  }
  for (const [index, { machine }] of (config.hostkey?.servers ?? []).entries()) {
    const provider = machine.slice(0, machine.indexOf(':'));
    if (providers.includes(provider)) continue;
    context.addIssue({
      code: 'custom',
      path: ['hostkey', 'servers', index, 'machine'],
      message: unknownProvider(provider, providers),
    });
  }
});

function unknownProvider(provider: string, known: readonly string[]): string {
  return `unknown provider "${provider}", expected one of ${known.join(', ') || 'none'}`;
}

/** Whatever a provider's section looks like, what it calls `location` is one of ours. */
function* locationsIn(
  node: unknown,
  path: readonly string[],
): Generator<{ path: string[]; location: string }> {
  if (node === null || typeof node !== 'object') return;
  for (const [name, value] of Object.entries(node)) {
    const at = [...path, name];
    if (name !== 'location') yield* locationsIn(value, at);
    else if (typeof value === 'string') yield { path: at, location: value };
  }
}

function isAddressRange(text: string): boolean {
  try {
    return text !== '' && proxyAddr.compile(text) !== undefined;
  } catch {
    return false;
  }
}

export type Config = z.output<typeof configSchema>;
