import { GatewayError } from '../../errors.ts';
import { RemoteHttp } from '../remote-http.ts';
import { ProxmoxClient } from './client.ts';
import { Account, type Credentials, apiToken } from './credentials.ts';
import type { ProxmoxConfig } from './schema.ts';

/** The cluster that this section of the configuration is about. */
export function connectCluster(config: ProxmoxConfig, now: () => number): ProxmoxClient {
  const { id: name, ca, fingerprint, timeout } = config;
  const base = new URL('/api2/json', config.url);
  const http = new RemoteHttp({ name, base, ca, fingerprint, timeout: timeout * 1000 });
  const credentials = credentialsOf(config, http, now);
  return new ProxmoxClient({ name, http, credentials, base, ca, fingerprint });
}

function credentialsOf(
  { id: name, token, username, password }: ProxmoxConfig,
  http: RemoteHttp,
  now: () => number,
): Credentials {
  if (token) return apiToken(token);
  if (username && password) return new Account({ name, http, username, password, now });
  throw new GatewayError('internal', `${name} has neither a token nor an account`);
}
