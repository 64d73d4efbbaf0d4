import { useEffect, useRef } from 'preact/hooks';
import { Host, hostWindow } from '../embed/host.ts';
import { toldOf } from '../embed/told-of.ts';
import type { ConsoleSession } from './console-session.ts';
import type { Page } from './page-state.ts';

/** Joins the page to the portal that shows it in a frame or has opened its tab, if one has. */
export function useHost(id: string, page: Page, session: ConsoleSession, focus: () => void): void {
  const host = useRef<Host | null>(null);
  const focusNow = useRef(focus);
  focusNow.current = focus;

  useEffect(() => {
    const around = hostWindow();
    if (!around) return;
    const joined = new Host(around, (asked) => {
      if (asked === 'focus') focusNow.current();
      // One that is closed already, or cannot be reached, is told of by the page itself.
      else session.close().catch(() => undefined);
    });
    host.current = joined;
    void fetchOrigins().then((origins) => joined.admit(origins));
    return () => joined.dispose();
  }, [session]);

  useEffect(() => {
    const told = toldOf(page, id);
    if (told) host.current?.tell(told);
  }, [page, id]);
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
