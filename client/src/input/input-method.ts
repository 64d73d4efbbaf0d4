/** How one types: with the keyboard alone, in a field, or on a keyboard drawn on the screen. */
export const INPUT_METHODS = ['none', 'text', 'osk'] as const;
export type InputMethod = (typeof INPUT_METHODS)[number];
