/** One input event as an X client got it. */
export interface InputEvent {
  type: 'KeyPress' | 'KeyRelease' | 'ButtonPress' | 'ButtonRelease' | 'MotionNotify';
  /** The pointer's place on the screen, in pixels. */
  x: number;
  y: number;
  /** Held modifiers and buttons before the event, as X's mask: 1 Shift, 4 Control, 8 Alt. */
  state: number;
  /** The key's name as in X11/keysymdef.h, without XK_: `a`, `Delete`, `Control_L`. */
  key?: string;
  /** The key itself, whatever it means with the modifiers of the moment. */
  code?: number;
  /** 1 left, 2 middle, 3 right, 4 and 5 wheel. */
  button?: number;
}

/** Reads what xev(1) prints. */
export function parseXev(text: string): InputEvent[] {
  const events: InputEvent[] = [];
  for (const block of text.split(/\n\s*\n/)) {
    const type = /^(KeyPress|KeyRelease|ButtonPress|ButtonRelease|MotionNotify) event/m.exec(block);
    const place = /root:\((-?\d+),(-?\d+)\),\s+state (0x[0-9a-f]+|\d+)/.exec(block);
    if (!type || !place) continue;
    const key = /keysym 0x[0-9a-f]+, (\w+)\)/.exec(block)?.[1];
    const code = /keycode (\d+)/.exec(block)?.[1];
    const button = /button (\d)/.exec(block)?.[1];
    events.push({
      type: type[1] as InputEvent['type'],
      x: Number(place[1]),
      y: Number(place[2]),
      state: Number(place[3]),
      ...(key === undefined ? {} : { key }),
      ...(code === undefined ? {} : { code: Number(code) }),
      ...(button === undefined ? {} : { button: Number(button) }),
    });
  }
  return events;
}
