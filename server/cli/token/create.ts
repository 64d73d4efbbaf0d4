import { createHash, randomBytes } from 'node:crypto';
import { stringify } from 'yaml';
import { parseConfig } from '../../config.ts';
import { type Action, type Role, createApiToken } from '../../contract/index.ts';
import { type PersonOptions, asPerson } from '../as-person.ts';
import { CliError, EXIT } from '../fail.ts';
import { print, warn } from '../print.ts';

export interface CreateTokenOptions extends PersonOptions {
  readonly name: string;
  readonly role: Role;
  readonly yaml?: true;
  readonly actions?: Action[];
  readonly machines?: string[];
  readonly expiresIn?: number;
}

const TOKEN_BYTES = 32;
/** Options that mean something in one of the two ways alone. */
const OF_CONFIGURATION = { role: '--role', yaml: '--yaml' } as const;
const OF_GATEWAY = { expiresIn: '--expires-in', url: '--url', config: '--config' } as const;

/** `given` says whether an option was written on the command line. */
export async function createToken(
  options: CreateTokenOptions,
  given: (name: string) => boolean,
): Promise<void> {
  const atGateway = options.user !== undefined;
  for (const [name, flag] of Object.entries(atGateway ? OF_CONFIGURATION : OF_GATEWAY)) {
    if (!given(name)) continue;
    const message = `${flag} goes ${atGateway ? 'without' : 'with'} --user only`;
    throw new CliError(message, EXIT.misconfigured);
  }
  if (atGateway) await createAtGateway(options);
  else createForConfiguration(options);
}

async function createAtGateway(options: CreateTokenOptions): Promise<void> {
  const { name, actions, machines, expiresIn } = options;
  const created = await asPerson(options, (client) =>
    client.call(createApiToken, { body: { name, actions, machines, expiresIn } }),
  );
  const { id, owner, expiresAt, token } = created;
  if (process.stderr.isTTY) warn(`token ${id} of ${owner}, until ${expiresAt ?? 'it is revoked'}`);
  print(token);
}

function createForConfiguration({ name, role, actions, machines, yaml }: CreateTokenOptions): void {
  const token = randomBytes(TOKEN_BYTES).toString('base64url');
  const tokenHash = createHash('sha256').update(token).digest('hex');
  const scope = { ...(actions && { actions }), ...(machines && { machines }) };
  // What the gateway would refuse is refused here; only it knows which providers there are.
  parseConfig(
    { apiTokens: [{ name, role, ...(actions && { actions }), tokenHash }] },
    'this token',
  );
  const lines = stringify({ apiTokens: [{ name, role, ...scope, tokenHash }] });
  process.stdout.write(yaml ? lines : `${token}\n`);
  process.stderr.write(yaml ? `${token}\n` : lines);
}
