import { Argument, type Command } from 'commander';
import { identifyMachine } from '../contract/index.ts';
import { findMachine } from './find-machine.ts';
import { type GatewayOptions, connectGateway, withGateway } from './gateway.ts';

export function addIdentify(program: Command): void {
  const command = program
    .command('identify <machine>')
    .addArgument(new Argument('[light]', 'on or off').choices(['on', 'off']).default('on'))
    .description('make the light of a server blink, by which it is found in its rack');
  withGateway(command).action(
    async (wanted: string, light: 'on' | 'off', options: GatewayOptions): Promise<void> => {
      const client = connectGateway(options);
      const { id } = await findMachine(client, wanted);
      await client.call(identifyMachine, { params: { id }, body: { on: light === 'on' } });
    },
  );
}
