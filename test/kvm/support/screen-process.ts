/** A gateway's screens in a process of their own, to be killed: opens one console and says so. */
import { toGatewayError } from '../../../server/errors.ts';
import { Secret } from '../../../server/secret.ts';
import { BOARD_FORM } from '../../simulators/bmc-pages/plain-board.ts';
import { type Isolation, TestScreens } from './screens.ts';

const [isolation, url = '', fingerprint = '', username = '', password = ''] = process.argv.slice(2);

async function main(): Promise<void> {
  const screens = await TestScreens.start({ isolation: isolation as Isolation, warm: 2 });
  await screens.openUrl(new URL(url), {
    credentials: { username, password: new Secret(password) },
    ...{ trust: { fingerprint }, form: BOARD_FORM },
  });
  console.log('open');
}

main().catch((error: unknown) => {
  const { status, message } = toGatewayError(error);
  console.log(`${status}: ${message}`);
  process.exit(1);
});
