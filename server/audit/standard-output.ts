import { write } from 'node:fs';
import { promisify } from 'node:util';
import type { LineTarget } from './line-writer.ts';

const STDOUT = 1;
const FULL_MS = 20;

const writeTo = promisify(write);

/** Standard output, which the log goes to as well. A reader that is slow makes lines wait. */
export const standardOutput: LineTarget = {
  prepare: async () => false,
  write: async (bytes) => {
    try {
      return (await writeTo(STDOUT, bytes)).bytesWritten;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
      await new Promise((resolve) => setTimeout(resolve, FULL_MS));
      return 0;
    }
  },
  close: async () => undefined,
};
