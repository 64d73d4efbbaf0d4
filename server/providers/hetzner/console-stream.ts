import { once } from 'node:events';
import { connect } from 'node:net';
import type { Duplex } from 'node:stream';
import { WebSocket, createWebSocketStream } from 'ws';
import { GatewayError } from '../../errors.ts';
import { startTls } from '../../platform/tls-trust.ts';

export interface ConsoleTrust {
  readonly ca?: string | undefined;
  readonly fingerprint?: string | undefined;
}

/** A VNC server's messages are small; a whole screen is cut up. Bytes. */
const MOST_PAYLOAD = 16 * 1024 * 1024;

/**
 * The stream inside a console's WebSocket: RFB in binary messages, uncompressed, by the subprotocol
 * that noVNC and websockify call `binary`.
 *
 * @param url good once, and for a minute; never told on.
 * @throws GatewayError `target_unreachable`, `target_refused`, `target_certificate_refused`
 */
export async function openConsoleStream(
  url: URL,
  { ca, fingerprint }: ConsoleTrust,
  signal: AbortSignal,
): Promise<Duplex> {
  signal.throwIfAborted();
  const secure = fingerprint !== undefined && (await pinned(url, fingerprint, signal));
  const socket = new WebSocket(url, 'binary', {
    perMessageDeflate: false,
    followRedirects: false,
    maxPayload: MOST_PAYLOAD,
    ...(ca !== undefined && { ca }),
    ...(secure && { createConnection: () => secure }),
  });
  // Its first listener, before anything can go wrong; without it an error ends the process.
  const stream = createWebSocketStream(socket);
  const giveUp = (): void => socket.terminate();
  signal.addEventListener('abort', giveUp, { once: true });
  try {
    await new Promise<void>((resolve, reject) => {
      stream.once('error', (cause) => reject(refusalOf(cause)));
      socket.once('unexpected-response', (_request, { statusCode }) => {
        reject(new GatewayError('target_refused', `the console answers HTTP ${statusCode}`));
        socket.terminate();
      });
      socket.once('open', resolve);
    });
    return stream;
  } finally {
    signal.removeEventListener('abort', giveUp);
  }
}

/** The certificate is looked at before the URL, which lets whoever reads it in, is sent. */
async function pinned(url: URL, fingerprint: string, signal: AbortSignal): Promise<Duplex | false> {
  if (url.protocol !== 'wss:') return false;
  const plain = connect(Number(url.port || 443), url.hostname.replace(/^\[|\]$/g, ''));
  try {
    await once(plain, 'connect', { signal });
    return await startTls(plain, { fingerprint });
  } catch (cause) {
    plain.destroy();
    throw cause instanceof GatewayError ? cause : refusalOf(cause as NodeJS.ErrnoException);
  }
}

function refusalOf(cause: NodeJS.ErrnoException): GatewayError {
  const code = cause.code ?? '';
  const certificate = /CERT|SELF_SIGNED|UNABLE_TO|ALTNAME/.test(code);
  return new GatewayError(
    certificate ? 'target_certificate_refused' : 'target_unreachable',
    `the console's WebSocket cannot be opened${code && ` (${code})`}`,
    { cause },
  );
}
