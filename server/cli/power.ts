import { Argument, type Command } from 'commander';
import { POWER_ACTIONS, type PowerAction, switchMachine } from '../contract/index.ts';
import { findMachine } from './find-machine.ts';
import { type GatewayOptions, connectGateway, withGateway } from './gateway.ts';
import { print, warn } from './print.ts';

export function addPower(program: Command): void {
  const command = program
    .command('power <machine>')
    .addArgument(new Argument('[action]', 'what to do').choices(POWER_ACTIONS))
    .description(
      'switch a machine, ends when it has been told; without an action, prints how it is',
    )
    .addHelpText(
      'after',
      '\nA machine is called as in `rackside open`. Which actions it has is its `powerActions` in\n' +
        '`rackside machines --json`. `off` and `reset` do not ask the system that runs on it.',
    );
  withGateway(command).action(
    async (
      wanted: string,
      action: PowerAction | undefined,
      options: GatewayOptions,
    ): Promise<void> => {
      const client = connectGateway(options);
      const { id, power, state, staleSince } = await findMachine(client, wanted);
      if (action !== undefined) {
        await client.call(switchMachine, { params: { id }, body: { action } });
        return;
      }
      print(power);
      if (state !== null) warn(state);
      if (staleSince !== null) warn(`its provider does not answer: so it was at ${staleSince}`);
    },
  );
}
