import { useEffect, useRef, useState } from 'preact/hooks';
import { ConsoleApi } from '../api/gateway-api.ts';
import type { Display } from '../display/display.ts';
import { GuacamoleDisplay } from '../display/guacamole-display.ts';
import { ConsoleSession } from './console-session.ts';
import { initialPage, type Page } from './page-state.ts';
import { rememberedEnd, rememberEnd } from './remembered-end.ts';

export interface Console {
  readonly page: Page;
  readonly display: Display;
  readonly session: ConsoleSession;
}

interface Options {
  /** IANA zone. */
  readonly timezone: string;
  /** What a guest was called last in this browser. */
  readonly guestName: string | null;
}

/** Begins the console's session when the page is mounted and ends it when it is left. */
export function useConsole(id: string, launchKey: string | null, options: Options): Console {
  const { timezone, guestName } = options;
  const zone = useRef(timezone);
  zone.current = timezone;
  const [remembered] = useState(() => ({ end: rememberedEnd(), name: guestName }));
  const [page, setPage] = useState<Page>(() => initialPage(launchKey, remembered));
  const [parts] = useState(() => {
    const display = new GuacamoleDisplay();
    const session = new ConsoleSession({
      api: new ConsoleApi(id),
      display,
      key: launchKey,
      remembered,
      timezone: () => zone.current,
      onChange: setPage,
    });
    return { display, session };
  });

  useEffect(() => {
    const { display, session } = parts;
    session.dispatch({ type: 'loaded' });
    const online = () => session.dispatch({ type: 'network-back' });
    window.addEventListener('online', online);
    return () => {
      window.removeEventListener('online', online);
      session.dispose();
      display.dispose();
    };
  }, [parts]);

  const { console, clockOffset } = page;
  useEffect(() => {
    if (console !== null) rememberEnd(Date.parse(console.expiresAt) - clockOffset);
  }, [console?.expiresAt, clockOffset]);

  return { page, ...parts };
}
