import { createHash, generateKeyPairSync, randomBytes, sign } from 'node:crypto';

/** A key of one screen's own and a certificate for it, both in PEM. */
export interface ScreenIdentity {
  readonly key: string;
  readonly cert: string;
  /** SHA-256 of the public key in base64: a browser is told to accept this key, whatever else it says. */
  readonly publicKey: string;
}

const ECDSA_SHA256 = sequence(Buffer.from('06082a8648ce3d040302', 'hex'));
/** CN=Rackside. */
const NAME = sequence(tagged(0x31, sequence(Buffer.from('0603550403', 'hex'), text('Rackside'))));
/** All the time that this way of writing dates knows: the certificate is known by its key. */
const VALIDITY = sequence(utcTime('000101000000Z'), utcTime('491231235959Z'));

/** A certificate (RFC 5280) of the first version, which has no extensions; Node can make none. */
export function makeScreenIdentity(): ScreenIdentity {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const spki = publicKey.export({ type: 'spki', format: 'der' });
  const serial = tagged(0x02, Buffer.from([1]), randomBytes(8));
  const body = sequence(serial, ECDSA_SHA256, NAME, VALIDITY, NAME, spki);
  const signature = tagged(0x03, Buffer.from([0]), sign('sha256', body, privateKey));
  const lines =
    sequence(body, ECDSA_SHA256, signature)
      .toString('base64')
      .match(/.{1,64}/g) ?? [];
  return {
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    cert: ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----', ''].join('\n'),
    publicKey: createHash('sha256').update(spki).digest('base64'),
  };
}

/** One value in DER (X.690): its tag, the length, the parts. */
function tagged(tag: number, ...parts: Buffer[]): Buffer {
  const content = Buffer.concat(parts);
  const { length } = content;
  const short = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : undefined;
  return Buffer.concat([
    Buffer.from([tag, ...(short ?? [0x82, length >> 8, length & 0xff])]),
    content,
  ]);
}

function sequence(...parts: Buffer[]): Buffer {
  return tagged(0x30, ...parts);
}

function text(value: string): Buffer {
  return tagged(0x0c, Buffer.from(value));
}

function utcTime(value: string): Buffer {
  return tagged(0x17, Buffer.from(value));
}
