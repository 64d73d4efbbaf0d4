import { Search } from 'lucide-preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { Fault } from '../console/fault.tsx';
import { usePreferences } from '../preferences/preferences-context.tsx';
import { MachineRow } from './machine-row.tsx';
import { FailingProviders, RefreshButton } from './provider-states.tsx';
import { useDebounced } from './use-debounced.ts';
import { useMachines } from './use-machines.ts';

/** Milliseconds without a key before a search is sent. */
const TYPING_PAUSE = 250;

interface Props {
  readonly onSignedOut: () => void;
  readonly onOpened: () => void;
}

export function Machines({ onSignedOut, onOpened }: Props) {
  const { t } = usePreferences();
  const [typed, setTyped] = useState('');
  const query = useDebounced(typed.trim(), TYPING_PAUSE);
  const { items, next, fault, busy, more, again, refresh, put, providers } = useMachines(query);

  // Of all that were ever listed: a search that leaves machines of one place does not move the words.
  const places = useRef(new Set<string>());
  for (const { location } of items ?? []) places.current.add(location);

  useEffect(() => {
    if (fault === 'unauthenticated') onSignedOut();
  }, [fault, onSignedOut]);

  return (
    <>
      <div class="list-head">
        <h1>{t('portal.title')}</h1>
        <p class="quiet" role="status">
          {items !== null &&
            (next === null
              ? t('portal.count', { count: items.length })
              : t('portal.countMore', { count: items.length }))}
        </p>
        <span class="bar-space" />
        <RefreshButton providers={providers} onAsked={refresh} />
        <label class="search">
          <Search aria-hidden="true" />
          <input
            type="search"
            data-testid="search"
            aria-label={t('portal.search')}
            placeholder={t('portal.search')}
            maxLength={200}
            value={typed}
            onInput={(event) => setTyped(event.currentTarget.value)}
          />
        </label>
      </div>
      <FailingProviders providers={providers} />
      {fault && (
        <div class="notice" role="alert">
          <Fault code={fault} />
          <button type="button" onClick={again}>
            {t('portal.retry')}
          </button>
        </div>
      )}
      {items === null && busy && <p class="quiet">{t('portal.loading')}</p>}
      {items?.length === 0 && <Empty query={query} />}
      {items !== null && items.length > 0 && (
        <ul class="machines" aria-busy={busy}>
          {items.map((machine) => (
            <MachineRow
              key={machine.id}
              machine={machine}
              showLocation={places.current.size > 1}
              onSignedOut={onSignedOut}
              onOpened={onOpened}
              onSeen={put}
            />
          ))}
        </ul>
      )}
      {next !== null && (
        <button type="button" class="more" data-testid="more" disabled={busy} onClick={more}>
          {t('portal.more')}
        </button>
      )}
    </>
  );
}

function Empty({ query }: { query: string }) {
  const { t } = usePreferences();
  return (
    <div class="empty" data-testid="empty">
      <h2>{query === '' ? t('portal.empty') : t('portal.noMatch', { query })}</h2>
      <p class="quiet">{t(query === '' ? 'portal.emptyText' : 'portal.noMatchText')}</p>
    </div>
  );
}
