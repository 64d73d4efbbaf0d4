import type { Command } from 'commander';
import { ejectMedia, insertMedia, showMedia } from '../contract/index.ts';
import type { GatewayClient } from '../gateway-client/gateway-client.ts';
import { findMachine } from './find-machine.ts';
import { type GatewayOptions, connectGateway, withGateway } from './gateway.ts';
import { print } from './print.ts';
import { printTable } from './table.ts';

export function addMedia(program: Command): void {
  const media = program.command('media').description('disk images in the drives of servers');
  const show = media
    .command('show <machine>')
    .description('what is in its drives, and which images the gateway has')
    .option('--json', 'as the API shows it');
  withGateway(show).action(showDrives);

  const insert = media
    .command('insert <machine> <image>')
    .description('put an image into a drive: one of the gateway’s, or the URL of one')
    .option('--drive <id>', 'the drive (default: the first that plays CDs)');
  withGateway(insert).action(
    async (wanted: string, image: string, options: GatewayOptions & { drive?: string }) => {
      const client = connectGateway(options);
      const { id } = await findMachine(client, wanted);
      const { drive } = options;
      const from = /^[a-z]+:\/\//i.test(image) ? { url: image } : { image };
      await client.call(insertMedia, {
        params: { id },
        body: { ...from, ...(drive && { drive }) },
      });
    },
  );

  const eject = media
    .command('eject <machine> [drive]')
    .description('take the image out of a drive; of all drives where none is named');
  withGateway(eject).action(
    async (wanted: string, drive: string | undefined, options: GatewayOptions) => {
      const client = connectGateway(options);
      const { id } = await findMachine(client, wanted);
      for (const one of drive === undefined ? await fullDrives(client, id) : [drive]) {
        await client.call(ejectMedia, { params: { id, drive: one } });
      }
    },
  );
}

async function fullDrives(client: GatewayClient, id: string): Promise<readonly string[]> {
  const { drives } = await client.call(showMedia, { params: { id } });
  return drives.filter(({ image }) => image !== null).map((drive) => drive.id);
}

async function showDrives(
  wanted: string,
  options: GatewayOptions & { json?: true },
): Promise<void> {
  const client = connectGateway(options);
  const { id } = await findMachine(client, wanted);
  const found = await client.call(showMedia, { params: { id } });
  if (options.json) {
    print(JSON.stringify(found, null, 2));
    return;
  }
  const drives = found.drives.map((drive) => [drive.id, drive.types.join(','), drive.image ?? '']);
  printTable(['DRIVE', 'TYPES', 'IMAGE'], drives);
  for (const image of found.images) print(`image: ${image}`);
}
