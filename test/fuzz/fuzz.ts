import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { mutant } from './mutate.ts';
import { Random } from './random.ts';
import type { Target } from './target.ts';
import { clientMessages } from './targets/client-messages.ts';
import { connectionToken } from './targets/connection-token.ts';
import { flow } from './targets/flow.ts';
import { frames } from './targets/frames.ts';
import { handshake } from './targets/handshake.ts';
import { scanner } from './targets/scanner.ts';
import { upgradeRequest } from './targets/upgrade-request.ts';

export const TARGETS: readonly Target[] = [
  scanner,
  frames,
  flow,
  handshake,
  clientMessages,
  connectionToken,
  upgradeRequest,
];

const CORPUS = join(import.meta.dirname, 'corpus');

/** An input with which a target broke a promise, kept as a case of the corpus from then on. */
export interface Finding {
  readonly file: string;
  readonly error: unknown;
}

export interface Limits {
  readonly seed: number;
  /** Inputs at most. */
  readonly runs: number;
  /** Milliseconds at most. */
  readonly time: number;
}

/** The inputs that a target starts from, by their names: examples, and what was found before. */
export function corpusOf({ name }: Target): Map<string, Buffer> {
  const folder = join(CORPUS, name);
  return new Map(readdirSync(folder).map((file) => [file, readFileSync(join(folder, file))]));
}

/** Tries inputs until the limits are reached or something is found. Says how many were tried. */
export async function fuzz(
  target: Target,
  { seed, runs, time }: Limits,
): Promise<{ readonly tried: number; readonly finding: Finding | null }> {
  const corpus = [...corpusOf(target).values()];
  const random = new Random(seed);
  const ends = performance.now() + time;
  let tried = 0;
  for (; tried < runs && performance.now() < ends; tried += 1) {
    const input = mutant(corpus, random);
    try {
      await target.run(input);
    } catch (error) {
      return { tried, finding: { file: keep(target, input), error } };
    }
  }
  return { tried, finding: null };
}

function keep({ name }: Target, input: Buffer): string {
  const folder = join(CORPUS, name);
  mkdirSync(folder, { recursive: true });
  const digest = createHash('sha256').update(input).digest('hex').slice(0, 12);
  const file = join(folder, `found-${digest}`);
  writeFileSync(file, input);
  return relative(process.cwd(), file);
}
