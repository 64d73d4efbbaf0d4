import type { QemuPeer } from './qemu.ts';
import { until } from './until.ts';

/** Presses a key of the machine's keyboard and lets it go: a character, `Enter` or `Backspace`. */
type Press = (key: string) => void | Promise<void>;

/** Resolves when GRUB has booted: its title stands over its menu and over its prompt. */
export function grubBooted(machine: QemuPeer): Promise<unknown> {
  const booted = async () => (await machine.screenText()).includes('GNU GRUB');
  return until(booted, { timeout: 30_000, what: 'GRUB to boot' });
}

/** Gets GRUB from its menu to its prompt, or stays at the prompt, and has it say the word there. */
export async function sayInGrub(machine: QemuPeer, press: Press, word: string): Promise<void> {
  const lines = async () => (await machine.screenText()).split('\n');
  // Lines that stand above the prompt may be the same, and say nothing of what is typed now.
  const prompt = async () => (await lines()).findLast((line) => line.startsWith(PROMPT));
  // The menu takes `c` for its prompt, where it is taken back; what is typed too soon is lost.
  const prompted = async () => {
    await press('c');
    // Once more, should the one of a time before have been lost.
    await press('Backspace');
    await press('Backspace');
    return until(async () => (await prompt()) === PROMPT, { timeout: 1500, what: 'the prompt' });
  };
  await until(prompted, { timeout: 30_000, what: 'GRUB to show its prompt' });
  // A keyboard controller keeps 16 bytes for a machine that is slow: each key waits for the one before.
  let line = `${PROMPT} `;
  for (const key of `echo ${word}`) {
    line += key;
    const shown = line.trimEnd();
    await press(key);
    await until(async () => (await prompt()) === shown, {
      timeout: 30_000,
      what: `GRUB at ${shown}`,
    });
  }
  await press('Enter');
  const said = async () => {
    const all = await lines();
    return all.lastIndexOf(word) > all.lastIndexOf(line) && (await prompt()) === PROMPT;
  };
  await until(said, { timeout: 30_000, what: `GRUB to say ${word}` });
}

const PROMPT = 'grub>';
