import type { Command } from 'commander';
import { shareConsole, shareRequest } from '../contract/index.ts';
import { askPassword } from './ask-password.ts';
import { type GatewayOptions, connectGateway, wholeSeconds, withGateway } from './gateway.ts';
import { print, warn } from './print.ts';

const PASSPHRASE = {
  schema: shareRequest.shape.passphrase,
  expected: 'a passphrase of 8 to 128 characters',
};

interface ShareOptions extends GatewayOptions {
  readonly control?: true;
  readonly ttl?: number;
  readonly label?: string;
  readonly passphraseStdin?: true;
}

export function addShare(program: Command): void {
  const command = program
    .command('share <id>')
    .description('share a console with somebody; prints a URL to look at it')
    .option('--control', 'to type and click, too')
    .option('-t, --ttl <seconds>', "until it ends (default: with the console's time)", wholeSeconds)
    .option('-l, --label <text>', 'by which you know it again')
    .option('--passphrase-stdin', 'read what the URL asks for from standard input');
  withGateway(command).action(share);
}

async function share(id: string, options: ShareOptions): Promise<void> {
  const { control, ttl, label, passphraseStdin } = options;
  const client = connectGateway(options);
  const passphrase = passphraseStdin ? await askPassword(PASSPHRASE) : undefined;
  const made = await client.call(shareConsole, {
    params: { id },
    body: { readOnly: !control, ttl, label, passphrase },
  });
  if (process.stderr.isTTY) {
    warn(`${control ? 'with control' : 'view only'}, link ${made.id}, until ${made.expiresAt}`);
  }
  print(made.url);
}
