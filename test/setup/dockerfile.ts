/** The part of a Dockerfile's language that ours uses; anything else is refused by name. */

export interface Instruction {
  readonly name: string;
  /** Options before the arguments (`--from=build`), without the dashes. */
  readonly flags: Readonly<Record<string, string>>;
  /** The words of the exec form (`["a", "b"]`) or of a plain list. */
  readonly words: readonly string[];
  /** All after the flags, as written: what a shell gets. */
  readonly text: string;
}

export interface Stage {
  readonly image: string;
  readonly name: string | undefined;
  readonly instructions: readonly Instruction[];
}

const KNOWN = new Set(
  'FROM WORKDIR COPY RUN ENV USER EXPOSE HEALTHCHECK ENTRYPOINT CMD'.split(' '),
);

/** @throws when an instruction is not known, or stands before the first FROM. */
export function parseDockerfile(source: string): Stage[] {
  const lines = source
    .split('\n')
    .filter((line) => !line.trimStart().startsWith('#'))
    .join('\n')
    .replaceAll(/\\\n/g, ' ')
    .split('\n')
    .filter((line) => line.trim() !== '');
  const stages: { image: string; name: string | undefined; instructions: Instruction[] }[] = [];
  for (const line of lines) {
    const instruction = parseInstruction(line);
    if (instruction.name === 'FROM') {
      const [image = '', , name] = instruction.words;
      stages.push({ image, name, instructions: [] });
      continue;
    }
    const stage = stages.at(-1);
    if (!stage) throw new Error(`${instruction.name} before FROM`);
    stage.instructions.push(instruction);
  }
  return stages;
}

function parseInstruction(line: string): Instruction {
  const [, name = '', rest = ''] = /^\s*(\S+)\s*(.*)$/.exec(line) ?? [];
  if (!KNOWN.has(name)) throw new Error(`unknown Dockerfile instruction: ${line}`);
  const flags: Record<string, string> = {};
  let text = rest.trim();
  for (
    let flag = /^--([\w-]+)=(\S+)\s+/.exec(text);
    flag !== null;
    flag = /^--([\w-]+)=(\S+)\s+/.exec(text)
  ) {
    flags[flag[1] ?? ''] = flag[2] ?? '';
    text = text.slice(flag[0].length);
  }
  const exec = text.slice(text.indexOf('['));
  const words = text.endsWith(']') ? (JSON.parse(exec) as string[]) : text.split(/\s+/);
  return { name, flags, words, text };
}
