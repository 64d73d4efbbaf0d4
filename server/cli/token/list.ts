import { type ApiTokenView, listApiTokens } from '../../contract/index.ts';
import { type PersonOptions, asPerson } from '../as-person.ts';
import { print } from '../print.ts';
import { printTable } from '../table.ts';

export async function listTokens(options: PersonOptions & { json?: true }): Promise<void> {
  const tokens = await asPerson(options, async (client) => {
    const found: ApiTokenView[] = [];
    for await (const token of client.all(listApiTokens)) found.push(token);
    return found;
  });
  if (options.json) {
    print(JSON.stringify(tokens, null, 2));
    return;
  }
  printTable(
    ['ID', 'NAME', 'OWNER', 'ACTIONS', 'MACHINES', 'EXPIRES', 'USED'],
    tokens.map(({ id, name, owner, actions, machines, expiresAt, lastUsedAt }) => [
      id,
      name,
      owner,
      actions?.join(',') ?? 'all',
      machines?.join(',') ?? 'all',
      expiresAt ?? 'never',
      lastUsedAt ?? 'never',
    ]),
  );
}
