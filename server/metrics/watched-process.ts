import { readdir } from 'node:fs/promises';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { Registry } from 'prom-client';
import { VERSION } from '../version.ts';
import { counter, gauge } from './registered.ts';

/** Between two looks at the event loop. ms */
const RESOLUTION_MS = 10;
/** Which of the delays since the last reading. */
const QUANTILES = { '0.5': 50, '0.99': 99, '1': 100 };

/**
 * Metrics of this process, by the names that Prometheus's own clients use where they have one. Not
 * prom-client's default metrics: what those start cannot be stopped.
 *
 * @returns how to stop.
 */
export function watchProcess(registry: Registry): () => void {
  const delays = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  delays.enable();
  gauge(registry, {
    name: 'rackside_event_loop_delay_seconds',
    help: 'By how much the event loop was late since the last reading; quantile 1 is the worst',
    labelNames: ['quantile'],
    aggregator: 'max',
    collect() {
      for (const [quantile, percentile] of Object.entries(QUANTILES)) {
        const late = delays.count === 0 ? 0 : delays.percentile(percentile) / 1e9;
        // What is measured has the time between two looks in it.
        this.set({ quantile }, Math.max(0, late - RESOLUTION_MS / 1000));
      }
      delays.reset();
    },
  });
  counter(registry, {
    name: 'process_cpu_seconds_total',
    help: 'Processor time, user and system',
    collect() {
      const { user, system } = process.cpuUsage();
      this.reset();
      this.inc((user + system) / 1e6);
    },
  });
  gauge(registry, {
    name: 'process_resident_memory_bytes',
    help: 'Resident memory',
    collect() {
      this.set(process.memoryUsage.rss());
    },
  });
  gauge(registry, {
    name: 'nodejs_heap_size_used_bytes',
    help: "Of the resident memory JavaScript's heap",
    collect() {
      this.set(process.memoryUsage().heapUsed);
    },
  });
  gauge(registry, {
    name: 'process_open_fds',
    help: 'Open file descriptors',
    async collect() {
      // Only Linux tells.
      const open = await readdir('/proc/self/fd').catch(() => null);
      if (open) this.set(open.length);
    },
  });
  gauge(registry, {
    name: 'process_start_time_seconds',
    help: 'When the process began, since the epoch',
    aggregator: 'min',
  }).set(performance.timeOrigin / 1000);
  gauge(registry, {
    name: 'rackside_build_info',
    help: '1, with the version',
    labelNames: ['version', 'node'],
    aggregator: 'first',
  }).set({ version: VERSION, node: process.versions.node }, 1);
  return () => delays.disable();
}
