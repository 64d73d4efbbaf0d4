import { createDecipheriv } from 'node:crypto';
import * as z from 'zod';
import { GatewayError } from '../errors.ts';
import { GUACD_PROTOCOLS, type GuacdProtocol } from '../consoles/tunnel-port.ts';
import { GUACD_PARAMETERS } from '../providers/guacd-parameters.ts';

/** Characters; it travels in a request line. */
const MAX_LENGTH = 8192;
/** Bytes of AES-256's key. */
export const FIREEDGE_KEY_BYTES = 32;

const base64 = z.string().regex(/^[A-Za-z0-9+/]+={0,2}$/);
const envelope = z.strictObject({ iv: base64, value: base64 });

const setting = z.union([z.string(), z.number(), z.boolean(), z.null()]);
const content = z.strictObject({
  /** Milliseconds since the epoch. FireEdge leaves it out. */
  expiration: z.number().optional(),
  connection: z.strictObject({
    type: z.enum(GUACD_PROTOCOLS),
    settings: z
      .looseObject({
        hostname: z
          .string()
          .regex(/^[\p{L}\p{N}_[:][\p{L}\p{N}\]._:-]*$/u)
          .max(253),
        port: z.coerce.number().pipe(z.int().min(1).max(65_535)),
      })
      .catchall(setting),
  }),
});

/** What a token lets its holder connect to. */
export interface FireEdgeTarget {
  readonly protocol: GuacdProtocol;
  readonly host: string;
  readonly port: number;
  /** guacd's, by their own names; not hostname and port. */
  readonly parameters: Readonly<Record<string, string>>;
  readonly readOnly: boolean;
}

/** Set by the gateway, or about the display. */
const OWN = new Set(['hostname', 'port', 'read-only', 'width', 'height', 'dpi']);
/** FireEdge sends them with every type; drives would be folders of guacd's own machine. */
const PASSED_OVER =
  /^(security|ignore-cert|enable-drive|create-drive-path|drive-(name|path)|color-scheme|font-(name|size))$/;
/** Files and other machines: nothing that a token's maker decides. */
const REFUSED =
  /^((create-)?(recording|typescript)-|enable-sftp$|sftp-|wol-|dest-|gateway-|reverse-connect$|listen-timeout$|audio-servername$|(enable-)?drive|create-drive)/;

/**
 * Opens a token as FireEdge makes it for guacamole-lite: base64 of `{"iv", "value"}`, AES-256-CBC with
 * nothing that proves who wrote it. Whatever is wrong inside is told alike, so that answers say nothing
 * about what a changed token decrypts to.
 *
 * @param now milliseconds since the epoch
 * @throws GatewayError `token_invalid`, `token_expired`
 */
export function openFireEdgeToken(token: string, key: Buffer, now: number): FireEdgeTarget {
  const { expiration, connection } = decrypted(token, key);
  if (expiration !== undefined && expiration < now) {
    throw new GatewayError('token_expired', "FireEdge's token has expired");
  }
  const { type: protocol, settings } = connection;
  const { hostname, port, 'read-only': readOnly } = settings;
  return {
    protocol,
    host: hostname.replace(/^\[(.*)\]$/, '$1'),
    port,
    parameters: parametersOf(protocol, settings),
    readOnly: readOnly === true || readOnly === 'true',
  };
}

function decrypted(token: string, key: Buffer): z.output<typeof content> {
  try {
    if (token.length > MAX_LENGTH) throw new Error('too long');
    const outer = Buffer.from(base64.parse(token), 'base64').toString('utf8');
    const { iv, value } = envelope.parse(JSON.parse(outer));
    const decipher = createDecipheriv('aes-256-cbc', key, Buffer.from(iv, 'base64'));
    const bytes = [decipher.update(Buffer.from(value, 'base64')), decipher.final()];
    const text = new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(bytes));
    return content.parse(JSON.parse(text));
  } catch {
    throw invalid("FireEdge's token is not valid");
  }
}

/** @throws GatewayError `token_invalid` for a parameter that no token may set. */
function parametersOf(
  protocol: GuacdProtocol,
  settings: Readonly<Record<string, z.output<typeof setting>>>,
): Record<string, string> {
  const parameters: Record<string, string> = {};
  for (const [name, value] of Object.entries(settings)) {
    if (OWN.has(name) || value === null || value === '') continue;
    const known = GUACD_PARAMETERS[protocol].has(name);
    if (PASSED_OVER.test(name) && (!known || name.includes('drive'))) continue;
    if (!known || REFUSED.test(name)) {
      throw invalid(`FireEdge's token has a setting that is not taken: ${JSON.stringify(name)}`);
    }
    parameters[name] = String(value);
  }
  return parameters;
}

function invalid(message: string): GatewayError {
  return new GatewayError('token_invalid', message);
}
