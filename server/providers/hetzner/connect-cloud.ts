import type { RateLimit } from '../provider-context.ts';
import { RemoteHttp } from '../remote-http.ts';
import { CloudClient } from './client.ts';
import type { HetznerConfig } from './schema.ts';

/** More than the longest page has, fifty servers with all that is said of each. Bytes */
const LIMIT_BYTES = 4 * 1024 * 1024;

/** The API of the project that this section of the configuration is about. */
export function connectCloud(config: HetznerConfig, rateLimit: RateLimit): CloudClient {
  const { id: name, apiToken: token, baseUrl: base, ca, fingerprint, callsPerHour } = config;
  const http = new RemoteHttp({ name, base, ca, fingerprint, limit: LIMIT_BYTES });
  const rate = { burst: callsPerHour, perSecond: callsPerHour / 3600, told: true } as const;
  return new CloudClient({ name, http, base, token, rate, rateLimit });
}
