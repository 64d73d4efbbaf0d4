/** No length that passes a limit has more digits; a longer run of zeros is refused too. */
export const MAX_DIGITS = 10;
/** Digits, the dot, and the first byte of what follows. */
export const LONGEST_PREFIX = MAX_DIGITS + 2;

/** What may be watched for, by an opcode's first byte: bit n stands for n bytes, or n + 32. */
export type Firsts = Int32Array;
