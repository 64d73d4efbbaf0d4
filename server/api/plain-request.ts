import { IncomingMessage, type RequestListener, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Socket } from 'node:net';
import { REQUEST_LIMITS } from '../platform/request-limits.ts';

export function isWebSocketUpgrade(request: IncomingMessage): boolean {
  return request.headers.upgrade?.toLowerCase() === 'websocket';
}

/**
 * Answers a request that offers an upgrade which we do not take, such as `Upgrade: h2c` of Java's
 * and curl's HTTP/2 clients, as the plain request that it also is (RFC 9110, section 7.8). Node has
 * handed its socket over unparsed, so the body is read here; the connection is closed after it.
 */
export function answerPlainly(
  listener: RequestListener,
  request: IncomingMessage,
  duplex: Duplex,
  head: Buffer,
): void {
  const socket = duplex as Socket;
  const plain = new IncomingMessage(socket);
  const { method, url, rawHeaders, httpVersion, httpVersionMajor, httpVersionMinor } = request;
  Object.assign(plain, {
    method,
    url,
    rawHeaders,
    httpVersion,
    httpVersionMajor,
    httpVersionMinor,
  });
  plain.headers = request.headers;
  socket.on('error', () => socket.destroy());
  // The server's own limits of time ended with its parsing.
  const late = setTimeout(() => socket.destroy(), REQUEST_LIMITS.requestTimeout);
  socket.on('close', () => clearTimeout(late));
  const response = new ServerResponse(plain);
  response.shouldKeepAlive = false;
  response.assignSocket(socket);
  response.on('finish', () => {
    response.detachSocket(socket);
    socket.end();
  });
  const end = (): void => {
    // Without this the request counts as cut off once it is read, and takes the socket with it.
    clearTimeout(late);
    plain.complete = true;
    plain.push(null);
  };
  let missing = Number(request.headers['content-length'] ?? 0);
  const read = (chunk: Buffer): void => {
    if (missing <= 0) return;
    plain.push(chunk.subarray(0, missing));
    missing -= chunk.length;
    if (missing <= 0) end();
  };
  if (missing > 0) {
    read(head);
    socket.on('data', read);
    socket.resume();
  } else {
    end();
  }
  listener(plain, response);
}
