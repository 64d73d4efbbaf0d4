import type { Command } from 'commander';
import { extendConsole } from '../contract/index.ts';
import { type GatewayOptions, connectGateway, wholeSeconds, withGateway } from './gateway.ts';
import { print } from './print.ts';

export function addExtend(program: Command): void {
  const command = program
    .command('extend <id>')
    .description('give a console more time; prints its new end')
    .option('-s, --seconds <seconds>', "how much more (default: the gateway's step)", wholeSeconds);
  withGateway(command).action(
    async (id: string, options: GatewayOptions & { seconds?: number }): Promise<void> => {
      const { expiresAt } = await connectGateway(options).call(extendConsole, {
        params: { id },
        body: { seconds: options.seconds },
      });
      print(expiresAt);
    },
  );
}
