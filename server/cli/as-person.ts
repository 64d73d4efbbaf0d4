import type { Command } from 'commander';
import { loadGatewayUrl } from '../config.ts';
import { logout } from '../contract/index.ts';
import { GatewayClientError, errorOf } from '../gateway-client/gateway-client-error.ts';
import { GatewayClient } from '../gateway-client/gateway-client.ts';
import { type GatewayOptions, connectGateway } from './gateway.ts';
import { type AskHidden, withHiddenPrompt } from './hidden-prompt.ts';
import { warn } from './print.ts';

export interface PersonOptions extends GatewayOptions {
  readonly user?: string;
}

const TIMEOUT_MS = 20_000;

export function withPerson(command: Command): Command {
  return command.option(
    '-u, --user <name>',
    'sign in at the gateway as this user in the place of bringing a token; asks for the password',
  );
}

/** Does something at the gateway as the user that was named, else as the settings' token. */
export async function asPerson<T>(
  options: PersonOptions,
  act: (client: GatewayClient) => Promise<T>,
): Promise<T> {
  if (options.user === undefined) return act(connectGateway(options));
  const { url, warnings } = loadGatewayUrl(options);
  for (const warning of warnings) warn(`warning: ${warning}`);
  const { user } = options;
  const cookie = await withHiddenPrompt((ask) => signIn(url, user, ask));
  const client = new GatewayClient({ url, cookie });
  try {
    return await act(client);
  } finally {
    // The session would end by itself: that it could not be ended now is no failure.
    await client.call(logout).catch(() => undefined);
  }
}

/** The cookies of a session. @throws GatewayClientError */
async function signIn(url: string, username: string, ask: AskHidden): Promise<string> {
  const password = await ask('Password: ');
  const first = await postLogin(url, { username, password });
  const response = (await wantsCode(first))
    ? await postLogin(url, { username, password, totp: await ask('One-time code: ') })
    : first;
  if (!response.ok) throw await errorOf(response);
  const cookies = response.headers.getSetCookie();
  return cookies.map((cookie) => cookie.split(';', 1)[0] ?? '').join('; ');
}

async function wantsCode(response: Response): Promise<boolean> {
  return response.status === 401 && (await errorOf(response.clone())).code === 'totp_required';
}

async function postLogin(url: string, body: object): Promise<Response> {
  const base = new URL(url.endsWith('/') ? url : `${url}/`);
  try {
    return await fetch(new URL('api/v1/login', base), {
      method: 'POST',
      headers: { accept: 'application/json', 'content-type': 'application/json' },
      body: JSON.stringify(body),
      redirect: 'manual',
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
  } catch (cause) {
    throw new GatewayClientError('unreachable', `${base.origin} does not answer`, { cause });
  }
}
