import type { Config } from '../config.ts';
import type { Logger } from '../log.ts';
import type { Disposer } from '../platform/disposer.ts';
import type { Redis } from '../platform/redis.ts';
import { AuditStream } from './audit-stream.ts';
import { AuditTrail } from './audit-trail.ts';
import { LineWriter } from './line-writer.ts';
import { RotatedFile } from './rotated-file.ts';
import { standardOutput } from './standard-output.ts';

/** What waits for Redis or a disk is given this long at a stop; ms. */
const DRAIN_MS = 2000;
/** What docs/audit.md says of refusals. */
const REFUSALS = { each: 10, addresses: 100, windowMs: 60_000 };

/** The audit trail as the configuration wants it, and what reads it. Redis is to stop after it. */
export function startAudit(
  config: Config['audit'],
  { redis, log, started }: { redis: Redis; log: Logger; started: Disposer },
): { audit: AuditTrail; auditStream: AuditStream } {
  const writers: LineWriter[] = [];
  if (config.stdout) writers.push(new LineWriter(standardOutput, log));
  if (config.file !== undefined) {
    const writer = new LineWriter(new RotatedFile(config.file), log.child({ file: config.file }));
    const reopen = (): void => writer.flush();
    process.on('SIGHUP', reopen);
    started.defer('SIGHUP', () => process.off('SIGHUP', reopen));
    reopen();
    writers.push(writer);
  }
  for (const writer of writers) started.defer('audit lines', () => writer.stop(DRAIN_MS));
  const stream = new AuditStream(redis, config.keep);
  const audit = new AuditTrail({ stream, writers, refusals: REFUSALS, log, now: Date.now });
  started.defer('audit', () => audit.stop(DRAIN_MS));
  return { audit, auditStream: stream };
}
