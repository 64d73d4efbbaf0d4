import type { RequestHandler } from 'express';
import helmet from 'helmet';

/**
 * Helmet with a policy that allows our own scripts and styles alone: nothing inline, no foreign
 * origin. Pictures come over the tunnel as blobs; the tunnel's WebSocket is on publicUrl.
 */
export function securityHeaders(publicUrl: string): RequestHandler {
  const tunnel = publicUrl.replace(/^http/, 'ws');
  return helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'none'"],
        scriptSrc: ["'self'"],
        styleSrc: ["'self'"],
        imgSrc: ["'self'", 'blob:', 'data:'],
        mediaSrc: ['blob:'],
        fontSrc: ["'self'"],
        connectSrc: ["'self'", tunnel],
        frameAncestors: ["'self'"],
        baseUri: ["'none'"],
        formAction: ["'self'"],
      },
    },
    strictTransportSecurity: publicUrl.startsWith('https:'),
  });
}
