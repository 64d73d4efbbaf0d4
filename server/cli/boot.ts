import { Argument, type Command } from 'commander';
import { BOOT_DEVICES, type BootDevice, bootOnce } from '../contract/index.ts';
import { findMachine } from './find-machine.ts';
import { type GatewayOptions, connectGateway, withGateway } from './gateway.ts';

export function addBoot(program: Command): void {
  const command = program
    .command('boot <machine>')
    .addArgument(new Argument('<device>', 'what to start from').choices(BOOT_DEVICES))
    .description('say what a server starts from the next time, and only then')
    .addHelpText(
      'after',
      '\nIt is not restarted by this: `rackside power` does that. `setup` is the firmware’s own\n' +
        'set-up, `none` is as usual. What a server has is its `bootDevices` in\n' +
        '`rackside machines --json`.',
    );
  withGateway(command).action(
    async (wanted: string, device: BootDevice, options: GatewayOptions): Promise<void> => {
      const client = connectGateway(options);
      const { id } = await findMachine(client, wanted);
      await client.call(bootOnce, { params: { id }, body: { device } });
    },
  );
}
