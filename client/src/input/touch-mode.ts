/** How fingers move the pointer: it jumps to the finger, or is pushed as on a laptop's touchpad. */
export const TOUCH_MODES = ['touchscreen', 'touchpad'] as const;
export type TouchMode = (typeof TOUCH_MODES)[number];
