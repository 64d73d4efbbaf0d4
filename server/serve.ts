import { EXIT, failWith } from './cli/fail.ts';
import { type Config, loadConfig } from './config.ts';
import { type Logger, createLogger } from './log.ts';

/** From a signal to the process's end, ms, besides `listen.drain`, whatever hangs: a part's start, or its stop. */
const STOP_LIMIT_MS = 9000;
const SAME_WISH_MS = 1000;

/** What main.ts offers; handed in, because nothing but the CLI reaches into main.ts. */
export type StartGateway = (
  config: Config,
  log: Logger,
) => Promise<{ readonly url: string; stop(): Promise<void> }>;

/** Runs the gateway until it is told to stop. Never throws: it ends the process. */
export async function serve(
  options: { config?: string },
  startGateway: StartGateway,
): Promise<void> {
  try {
    const config = loadConfig(options.config);
    const log = createLogger(config.log.level);
    const stopSignal = onStopSignal(config.listen.drain * 1000);
    const gateway = await startGateway(config, log);
    log.info({ signal: await stopSignal }, 'stopping');
    await gateway.stop();
    log.info('stopped');
  } catch (error) {
    failWith(error);
  }
}

/**
 * Resolves with the first SIGTERM or SIGINT. One that comes a while later ends the process at once;
 * at a terminal's Ctrl-C npm sends the same signal a second time, which is no such wish.
 *
 * @param drain ms for which its stop may take longer.
 */
export function onStopSignal(drain = 0): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    let first: number | undefined;
    const onSignal = (signal: NodeJS.Signals): void => {
      if (first === undefined) {
        setTimeout(() => process.exit(EXIT.failed), STOP_LIMIT_MS + drain).unref();
      }
      first ??= Date.now();
      if (Date.now() - first > SAME_WISH_MS) process.exit(EXIT.failed);
      resolve(signal);
    };
    process.on('SIGTERM', onSignal);
    process.on('SIGINT', onSignal);
  });
}
