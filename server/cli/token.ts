import { type Command, InvalidArgumentError, Option } from 'commander';
import { ACTIONS, type Action, ROLES, revokeApiToken } from '../contract/index.ts';
import { type PersonOptions, asPerson, withPerson } from './as-person.ts';
import { withGateway, wholeSeconds } from './gateway.ts';
import { type CreateTokenOptions, createToken } from './token/create.ts';
import { listTokens } from './token/list.ts';

export function addToken(program: Command): void {
  const token = program.command('token').description('API tokens');
  const create = token
    .command('create')
    .description('make an API token: for the configuration, or with --user at a running gateway')
    .option('--name <name>', 'what the token is called in lists and logs', 'token')
    .option('--actions <actions>', `only these, with commas: ${ACTIONS.join(',')}`, actionList)
    .option('--machines <patterns>', 'only on these, with commas: lab:*,hetzner:1*', list)
    .addOption(new Option('--role <role>', 'what it may do').choices(ROLES).default('support'))
    .option('--yaml', 'the lines for the configuration on standard output, the token on the other')
    .option('--expires-in <seconds>', 'with --user: until it ends (default: never)', wholeSeconds)
    .addHelpText(
      'after',
      '\nThe token goes to standard output and is not kept: it cannot be shown again. Without --user\n' +
        'no gateway is asked: the lines that make the token known, with its sha256, go to standard\n' +
        'error. With --user it is made at the gateway, acts in the name of that user, and the\n' +
        'gateway asks for their password, and for their one-time code where they have one.',
    );
  withGateway(withPerson(create)).action((options: CreateTokenOptions, command: Command) =>
    createToken(options, (name) => command.getOptionValueSource(name) === 'cli'),
  );

  const all = token
    .command('list')
    .description('list the API tokens that were made at the gateway; for administrators all')
    .option('--json', 'as the API shows them, one JSON array');
  withGateway(withPerson(all)).action(listTokens);

  const revoke = token.command('revoke <id>').description('revoke an API token, at once');
  withGateway(withPerson(revoke)).action((id: string, options: PersonOptions) =>
    asPerson(options, (client) => client.call(revokeApiToken, { params: { id } })),
  );
}

function list(text: string): string[] {
  return text.split(',').map((word) => word.trim());
}

function actionList(text: string): Action[] {
  return list(text).map((word) => {
    const known = ACTIONS.find((action) => action === word);
    if (!known) throw new InvalidArgumentError(`Expected words of ${ACTIONS.join(', ')}.`);
    return known;
  });
}
