import type { Duplex } from 'node:stream';
import { WebSocket, createWebSocketStream } from 'ws';
import { GatewayError } from '../errors.ts';
import { connectTcp } from './connect-tcp.ts';
import { isCertificateFault, startTls } from './tls-trust.ts';

export interface WebSocketStreamOptions {
  /** Whose errors these are: `the console`. */
  readonly name: string;
  /** Subprotocol; absent is the one that noVNC and websockify call `binary`. */
  readonly protocol?: string | undefined;
  /** Sent with the handshake: cookies, an authorization. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** PEM of the CA to trust in the place of the public ones. */
  readonly ca?: string | undefined;
  /** SHA-256 of the server's certificate, hex; instead of every CA. */
  readonly fingerprint?: string | undefined;
  readonly signal: AbortSignal;
}

/** What machines send in one message is small; a whole screen is cut up. Bytes. */
const MOST_PAYLOAD = 16 * 1024 * 1024;

/**
 * The stream inside a WebSocket whose binary messages are pieces of it, uncompressed: RFB, a terminal.
 *
 * @param url may let in whoever reads it; never told on.
 * @throws GatewayError `target_unreachable`, `target_refused`, `target_certificate_refused`
 */
export async function openWebSocketStream(
  url: URL,
  { name, protocol = 'binary', headers = {}, ca, fingerprint, signal }: WebSocketStreamOptions,
): Promise<Duplex> {
  signal.throwIfAborted();
  const refusal = refusalOf(name);
  const secure = fingerprint !== undefined && (await pinned(url, fingerprint, signal));
  const socket = new WebSocket(url, protocol, {
    headers: { ...headers },
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
      stream.once('error', (cause) => reject(refusal(cause)));
      socket.once('unexpected-response', (_request, { statusCode }) => {
        reject(new GatewayError('target_refused', `${name} answers HTTP ${statusCode}`));
        socket.terminate();
      });
      socket.once('open', resolve);
    });
    return stream;
  } finally {
    signal.removeEventListener('abort', giveUp);
  }
}

/** The certificate is looked at before anything is sent that lets in whoever reads it. */
async function pinned(url: URL, fingerprint: string, signal: AbortSignal): Promise<Duplex | false> {
  if (url.protocol !== 'wss:') return false;
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const plain = await connectTcp({ host, port: Number(url.port || 443), signal });
  try {
    return await startTls(plain, { fingerprint }, signal);
  } catch (error) {
    plain.destroy();
    throw error;
  }
}

function refusalOf(name: string): (cause: NodeJS.ErrnoException) => GatewayError {
  return (cause) => {
    const code = cause.code ?? '';
    return new GatewayError(
      isCertificateFault(code) ? 'target_certificate_refused' : 'target_unreachable',
      `${name}: its WebSocket cannot be opened${code && ` (${code})`}`,
      { cause },
    );
  };
}
