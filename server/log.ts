import { type DestinationStream, type Logger, pino, stdTimeFunctions } from 'pino';

export type { Logger } from 'pino';

export const LOG_LEVELS = ['debug', 'info', 'warn', 'error', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/**
 * JSON lines to stdout. Levels: info once per life-cycle change, warn for what healed itself,
 * error only when somebody must act, debug for the rest. Secrets are kept out by the type Secret
 * and by logging no request URL's query; the redaction list is the second line of defence.
 */
export function createLogger(level: LogLevel, destination?: DestinationStream): Logger {
  const options = {
    level,
    base: null,
    timestamp: stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
    redact: {
      paths: ['password', 'token', 'bearer', '*.password', '*.token', 'headers', 'cookie'],
      censor: '[secret]',
    },
  };
  return destination ? pino(options, destination) : pino(options);
}
