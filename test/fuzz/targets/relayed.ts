import { FrameAssembler, type FrameSink } from '../../../server/tunnel/frame-assembler.ts';
import { InstructionScanner } from '../../../server/tunnel/instruction-scanner.ts';
import { ReadBuffers } from '../../../server/tunnel/read-buffers.ts';

/** As a socket reads: as much as there is room for, and no more after a failure. */
export function readInto(assembler: FrameAssembler, chunks: readonly Buffer[]): string | null {
  for (const chunk of chunks) {
    for (let at = 0; at < chunk.length; ) {
      const count = chunk.copy(assembler.room(), 0, at);
      const failure = assembler.read(count);
      if (failure !== null) return failure;
      at += count;
    }
  }
  return null;
}

const buffers = new ReadBuffers();

/** What the page gets of guacd's bytes: whole messages, and whether anything was wrong with them. */
export function relayed(
  chunks: readonly Buffer[],
  { limit, watched }: { limit: number; watched: readonly string[] | 'all' },
): { readonly passed: string; readonly instructions: string; readonly failed: boolean } {
  const passed: Buffer[] = [];
  const instructions: string[][] = [];
  let open: Buffer[] = [];
  const sink: FrameSink = {
    frame(buffer, start, end, fin) {
      open.push(Buffer.from(buffer.subarray(start, end)));
      if (fin) passed.push(...open.splice(0));
      return true;
    },
    instruction(elements) {
      instructions.push(elements);
      return true;
    },
  };
  const scanner = new InstructionScanner(limit, watched);
  const failed = readInto(new FrameAssembler(scanner, sink, buffers), chunks) !== null;
  open = [];
  return {
    passed: Buffer.concat(passed).toString('latin1'),
    instructions: JSON.stringify(instructions),
    failed,
  };
}
