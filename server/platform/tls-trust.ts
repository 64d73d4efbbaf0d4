import { X509Certificate, constants, createHash } from 'node:crypto';
import { type PeerCertificate, type TLSSocket, checkServerIdentity, connect } from 'node:tls';
import type { Duplex } from 'node:stream';
import { GatewayError } from '../errors.ts';

/** What makes a server's certificate the right one: a CA, its own fingerprint, or its key's. */
export type TlsTrust =
  | { readonly ca: string; readonly serverName: string; readonly oldTls?: boolean }
  | { readonly fingerprint: string; readonly oldTls?: boolean }
  /** Of a server for which nothing is configured: the CAs that everybody trusts. */
  | { readonly publicCas: true; readonly serverName: string; readonly oldTls?: boolean }
  /** As `publicKeyHash` makes it. */
  | { readonly publicKey: string };

/**
 * For servers that speak nothing newer than TLS 1.0, with keys and signatures that are too weak today,
 * and that do not know RFC 5746. Who they are is still known by their certificate.
 */
export const OLD_TLS = {
  minVersion: 'TLSv1',
  ciphers: 'DEFAULT@SECLEVEL=0',
  secureOptions: constants.SSL_OP_LEGACY_SERVER_CONNECT,
} as const;

/**
 * TLS over a stream that speaks something else already.
 *
 * @param signal for the handshake; aborted, it destroys the stream.
 * @throws GatewayError `target_certificate_refused` for a certificate that is not the right one,
 * `target_lost` when TLS cannot be spoken.
 */
export async function startTls(
  stream: Duplex,
  trust: TlsTrust,
  signal?: AbortSignal,
): Promise<TLSSocket> {
  const socket = connect({
    socket: stream,
    ...('serverName' in trust && {
      checkServerIdentity: (_host: string, certificate: PeerCertificate) =>
        checkServerIdentity(trust.serverName, certificate),
    }),
    ...('ca' in trust ? { ca: trust.ca } : { rejectUnauthorized: false }),
    ...('oldTls' in trust && trust.oldTls ? OLD_TLS : { minVersion: 'TLSv1.2' }),
  });
  const giveUp = (): void => void stream.destroy();
  signal?.addEventListener('abort', giveUp);
  if (signal?.aborted) giveUp();
  await new Promise<void>((resolve, reject) => {
    const broken = (cause?: NodeJS.ErrnoException): void => reject(refusalOf(cause));
    socket.once('error', broken);
    socket.once('close', broken);
    socket.once('secureConnect', () => {
      socket.off('error', broken);
      socket.off('close', broken);
      resolve();
    });
  }).finally(() => signal?.removeEventListener('abort', giveUp));
  socket.on('error', () => socket.destroy());
  const objection = objectionTo(socket, trust);
  if (objection !== undefined) {
    socket.destroy();
    throw new GatewayError('target_certificate_refused', objection);
  }
  return socket;
}

function objectionTo(socket: TLSSocket, trust: TlsTrust): string | undefined {
  if ('fingerprint' in trust && !isFingerprint(socket, trust.fingerprint)) {
    return 'the certificate does not have the fingerprint that is configured';
  }
  if ('publicKey' in trust && publicKeyHash(socket) !== trust.publicKey) {
    return 'the certificate has changed';
  }
  if ('publicCas' in trust && !socket.authorized) {
    const { fingerprint256 } = socket.getPeerCertificate();
    return `its certificate is trusted by no public CA (${String(socket.authorizationError)}), and neither ca nor fingerprint is configured; if this is it, set fingerprint: ${fingerprint256}`;
  }
  return undefined;
}

/** SHA-256 of the public key that the other side has shown, in base64. */
export function publicKeyHash(socket: TLSSocket): string {
  const { publicKey } = new X509Certificate(socket.getPeerCertificate().raw);
  const key = publicKey.export({ type: 'spki', format: 'der' });
  return createHash('sha256').update(key).digest('base64');
}

/** Whether the certificate of this connection has this SHA-256, in hex with or without colons. */
export function isFingerprint(socket: TLSSocket, expected: string): boolean {
  const plain = (text: string): string => text.replaceAll(':', '').toLowerCase();
  return plain(socket.getPeerCertificate().fingerprint256 ?? '') === plain(expected);
}

/** Node's codes of X.509 verification, and of a name that is not in the certificate. */
export const CERTIFICATE = /CERT|SELF_SIGNED|UNABLE_TO|ALTNAME|CRL/;

/** Whether Node says by this code that it does not trust a certificate. */
export function isCertificateFault(code: string): boolean {
  return CERTIFICATE.test(code);
}

function refusalOf(cause: NodeJS.ErrnoException | undefined): GatewayError {
  const code = cause?.code ?? '';
  return isCertificateFault(code)
    ? new GatewayError('target_certificate_refused', `the certificate is refused: ${code}`, {
        cause,
      })
    : new GatewayError('target_lost', `TLS cannot be spoken${code && `: ${code}`}`, { cause });
}
