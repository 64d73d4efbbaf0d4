import { useEffect, useRef, useState } from 'preact/hooks';
import { afterKey, type Held, letGo, type Modifier, type Sticky, tap } from './sticky.ts';

export type SendKey = (pressed: boolean, keysym: number) => void;

/** Sticky modifiers of one keyboard or field; they are let go when it is put away. */
export function useSticky(sendKey: SendKey) {
  const current = useRef<Held>({});
  const [held, setHeld] = useState<Held>({});
  const take = ({ held: next, changes }: Sticky) => {
    for (const [pressed, keysym] of changes) sendKey(pressed, keysym);
    current.current = next;
    setHeld(next);
  };
  useEffect(
    () => () => {
      for (const [pressed, keysym] of letGo(current.current).changes) sendKey(pressed, keysym);
    },
    [sendKey],
  );
  return {
    held,
    tap: (modifier: Modifier) => take(tap(current.current, modifier)),
    afterKey: () => take(afterKey(current.current)),
    /** A whole stroke: the key goes down and up, then what was held for it. */
    stroke: (keysym: number) => {
      sendKey(true, keysym);
      sendKey(false, keysym);
      take(afterKey(current.current));
    },
  };
}
