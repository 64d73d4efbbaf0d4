import { useEffect, useState } from 'preact/hooks';
import { Fault } from '../console/fault.tsx';
import { usePreferences } from '../preferences/preferences-context.tsx';
import { AuditChoices } from './audit-choices.tsx';
import { type AuditFilter, addressOf, filterOf } from './audit-filter.ts';
import { AuditRow } from './audit-row.tsx';
import { useAudit } from './use-audit.ts';
import { useDebounced } from './use-debounced.ts';

/** Milliseconds without a key before a search is sent. */
const TYPING_PAUSE = 250;
const COLUMNS = ['when', 'who', 'what', 'machine', 'detail'] as const;

/** Who did what, for administrators. */
export function Audit({ onSignedOut }: { onSignedOut: () => void }) {
  const { t } = usePreferences();
  const [chosen, setChosen] = useState(() => filterOf(location.search));
  const filter = useDebounced(chosen, TYPING_PAUSE);
  const { items, next, fault, busy, more, again } = useAudit(filter);

  useEffect(() => {
    if (fault === 'unauthenticated') onSignedOut();
  }, [fault, onSignedOut]);
  const choose = (change: Partial<AuditFilter>) => {
    const changed = { ...chosen, ...change };
    history.replaceState(null, '', addressOf(changed));
    setChosen(changed);
  };

  return (
    <>
      <div class="list-head">
        <h1>{t('audit.title')}</h1>
        {busy && (
          <p class="quiet" role="status">
            {t('portal.loading')}
          </p>
        )}
      </div>
      <AuditChoices chosen={chosen} onChoose={choose} />
      {fault && (
        <div class="notice" role="alert">
          <Fault code={fault} />
          <button type="button" onClick={again}>
            {t('portal.retry')}
          </button>
        </div>
      )}
      {items?.length === 0 && !busy && (
        <div class="empty" data-testid="empty">
          <h2>{t('audit.none')}</h2>
          <p class="quiet">{t('audit.noneText')}</p>
        </div>
      )}
      {items !== null && items.length > 0 && (
        // As cards on a phone it is no table to the browser any more, but stays one to a screen reader.
        <table class="audit" role="table" aria-busy={busy}>
          <thead role="rowgroup">
            <tr role="row">
              {COLUMNS.map((column) => (
                <th key={column} role="columnheader" scope="col">
                  {t(`audit.${column}`)}
                </th>
              ))}
            </tr>
          </thead>
          <tbody role="rowgroup">
            {items.map((record) => (
              <AuditRow key={record.id} record={record} />
            ))}
          </tbody>
        </table>
      )}
      {next !== null && (
        <button type="button" class="more" data-testid="more" disabled={busy} onClick={more}>
          {t('portal.more')}
        </button>
      )}
    </>
  );
}
