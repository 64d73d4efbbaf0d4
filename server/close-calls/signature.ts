import { type KeyObject, createHmac } from 'node:crypto';

/**
 * The headers that say from whom a call is, by the Standard Webhooks specification (version 1.0.0):
 * HMAC-SHA256, in base64, over `<id>.<timestamp>.<body>`. `now` is in milliseconds since the epoch.
 */
export function signedHeaders(
  { id, body }: { readonly id: string; readonly body: string },
  key: KeyObject,
  now: number,
): Record<string, string> {
  const timestamp = String(Math.floor(now / 1000));
  const mac = createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64');
  return {
    'webhook-id': id,
    'webhook-timestamp': timestamp,
    'webhook-signature': `v1,${mac}`,
  };
}
