/** A gateway's runner in a process of its own, to be killed: starts one screen and says so. */
import { inspect } from 'node:util';
import { type RunnerPlace, TestRunner } from './runners.ts';

async function main(): Promise<void> {
  const { runner } = await TestRunner.start(JSON.parse(process.argv[2] ?? '') as RunnerPlace);
  await runner.start({
    size: { width: 320, height: 240, depth: 24 },
    program: { command: () => ['sleep', '600'] },
    target: () => ({ host: '127.0.0.1', port: 1 }),
    onRefused: () => undefined,
    signal: new AbortController().signal,
  });
  console.log('started');
}

main().catch((error: unknown) => {
  console.log(inspect(error).replaceAll('\n', ' '));
  process.exit(1);
});
