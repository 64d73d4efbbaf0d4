import { type Command, InvalidArgumentError } from 'commander';
import { loadCliSettings } from '../config.ts';
import { GatewayClient } from '../gateway-client/gateway-client.ts';
import { warn } from './print.ts';

export interface GatewayOptions {
  readonly url?: string;
  readonly config?: string;
}

/** The options of each command that asks a gateway. The token is none of them: argv can be read. */
export function withGateway(command: Command): Command {
  return command
    .option('--url <url>', 'the gateway, in the place of RACKSIDE_CLI_URL and the file')
    .option('-c, --config <file>', "the CLI's settings (default: ~/.config/rackside/cli.yaml)");
}

/** The gateway that the settings name; what should be mended is said on standard error. */
export function connectGateway(options: GatewayOptions): GatewayClient {
  const { url, token, warnings } = loadCliSettings(options);
  for (const warning of warnings) warn(`warning: ${warning}`);
  return new GatewayClient({ url, token: token.reveal() });
}

/** An option's value in seconds. */
export function wholeSeconds(text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) {
    throw new InvalidArgumentError('Expected a whole number of seconds.');
  }
  return Number(text);
}
