import { createHash, randomBytes } from 'node:crypto';
import { type Command, Option } from 'commander';
import { stringify } from 'yaml';
import { parseConfig } from '../config.ts';
import { ROLES, type Role } from '../contract/index.ts';

const TOKEN_BYTES = 32;

export function addToken(program: Command): void {
  const token = program.command('token').description('API tokens');
  token
    .command('create')
    .description('make an API token, and the lines for the configuration that make it known')
    .option('--name <name>', 'what the token is called in lists and logs', 'token')
    .addOption(new Option('--role <role>', 'what it may do').choices(ROLES).default('support'))
    .option('--yaml', 'the lines for the configuration on standard output, the token on the other')
    .addHelpText(
      'after',
      '\nThe token goes to standard output, the lines with its sha256 to standard error. Nothing\n' +
        'keeps the token: it cannot be shown again.',
    )
    .action(createToken);
}

function createToken(options: { name: string; role: Role; yaml?: true }): void {
  const token = randomBytes(TOKEN_BYTES).toString('base64url');
  const tokenHash = createHash('sha256').update(token).digest('hex');
  const lines = { apiTokens: [{ name: options.name, role: options.role, tokenHash }] };
  // What the gateway would refuse is refused here.
  parseConfig(lines, 'this token');
  const yaml = stringify(lines);
  process.stdout.write(options.yaml ? yaml : `${token}\n`);
  process.stderr.write(options.yaml ? `${token}\n` : yaml);
}
