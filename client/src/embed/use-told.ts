import { useEffect, useRef } from 'preact/hooks';
import { Host, hostWindow } from './host.ts';
import type { Told } from './messages.ts';

/** Tells the portal that shows this page in a frame or has opened its tab, if one has. */
export function useTold(told: Told | null, onAsked: (type: 'focus' | 'close') => void): void {
  const host = useRef<Host | null>(null);
  const asked = useRef(onAsked);
  asked.current = onAsked;

  useEffect(() => {
    const around = hostWindow();
    if (!around) return;
    const joined = new Host(around, (type) => asked.current(type));
    host.current = joined;
    void fetchOrigins().then((origins) => joined.admit(origins));
    return () => joined.dispose();
  }, []);

  useEffect(() => {
    if (told) host.current?.tell(told);
  }, [told]);
}

/** Whom the gateway lets show its consoles; nobody where it does not say. */
async function fetchOrigins(): Promise<string[]> {
  try {
    const answer: unknown = await (await fetch('/embedding.json')).json();
    const { origins } = answer as { origins: unknown };
    return Array.isArray(origins) ? origins.filter((origin) => typeof origin === 'string') : [];
  } catch {
    return [];
  }
}
