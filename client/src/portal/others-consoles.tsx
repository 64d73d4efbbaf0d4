import { useState } from 'preact/hooks';
import type { ListedConsole } from '../../../server/contract/index.ts';
import { portalApi } from '../api/gateway-api.ts';
import { CloseDialog } from '../console/close-dialog.tsx';
import { Fault } from '../console/fault.tsx';
import { usePreferences } from '../preferences/preferences-context.tsx';
import { ConsoleFacts } from './console-facts.tsx';
import { MachineId } from './machine-id.tsx';
import { openInTab } from './open-in-tab.ts';
import { OpeningResult, type RowResult } from './opening-result.tsx';
import { useAct } from './use-act.ts';
import { useOthers } from './use-others.ts';

/** Seconds for which a link to watch works: one that is left lying about is soon over. */
const WATCH_TTL = 3600;

interface Props {
  /** Who looks at the portal. */
  readonly user: string;
  /** Called when something here may concern the rest of the portal. */
  readonly onChanged: () => void;
}

/** For staff: who has which console open, to look over their shoulder or to close it. */
export function OthersConsoles({ user, onChanged }: Props) {
  const { t, preferences, choose } = usePreferences();
  const { items, next, fault, busy, more, again, refresh } = useOthers(user);
  const [closing, setClosing] = useState<ListedConsole | null>(null);
  if (fault === null && (items === null || items.length === 0)) return null;
  const unfolded = !preferences.othersFolded;
  return (
    <details
      class="consoles"
      data-testid="others-consoles"
      open={unfolded}
      onToggle={(event) => choose({ othersFolded: !event.currentTarget.open })}
    >
      <summary>
        <h2>{t('portal.others')}</h2>
        <span class="quiet">
          {items !== null &&
            t(next === null ? 'portal.othersCount' : 'portal.othersMore', { count: items.length })}
        </span>
      </summary>
      {fault && (
        <div class="notice" role="alert">
          <Fault code={fault} />
          <button type="button" onClick={again}>
            {t('portal.retry')}
          </button>
        </div>
      )}
      {/* Each row has a clock of its own. */}
      {unfolded && items !== null && items.length > 0 && (
        <ul class="machines" aria-busy={busy}>
          {items.map((console) => (
            <OthersConsole
              key={console.id}
              console={console}
              watcher={user}
              onClose={() => setClosing(console)}
            />
          ))}
        </ul>
      )}
      {next !== null && (
        <button type="button" class="more" data-testid="more-others" disabled={busy} onClick={more}>
          {t('portal.more')}
        </button>
      )}
      <CloseDialog
        open={closing !== null}
        machine={closing?.machineName ?? ''}
        close={() => (closing === null ? Promise.resolve() : portalApi.close(closing.id))}
        onDismiss={() => {
          setClosing(null);
          refresh();
          onChanged();
        }}
      />
    </details>
  );
}

interface RowProps {
  readonly console: ListedConsole;
  readonly watcher: string;
  readonly onClose: () => void;
}

function OthersConsole({ console, watcher, onClose }: RowProps) {
  const { t } = usePreferences();
  const [result, setResult] = useState<RowResult>(null);
  const { busy, fault, run } = useAct(() => undefined);
  const { id, user, openedBy, machine, machineName, actions, approval } = console;
  const named = { kind: t(`kind.${console.kind}`), machine: machineName, user };
  const watch = () => {
    setResult(null);
    run(async () => setResult(await openInTab(() => portalApi.watch(id, watcher, WATCH_TTL))));
  };
  return (
    <li class="machine open-console" data-console={id}>
      <div class="machine-name">
        <strong>{t('portal.ofUser', named)}</strong>
        <ConsoleFacts console={console} />
        <small>
          <MachineId id={machine} />
          {openedBy !== user && ` · ${t('portal.askedBy', { name: openedBy })}`}
        </small>
      </div>
      <div class="machine-consoles">
        {actions.includes('watch') && approval !== 'pending' && (
          <button
            type="button"
            data-testid="console-watch"
            disabled={busy}
            aria-label={t('portal.watchOf', named)}
            onClick={watch}
          >
            {t('portal.watch')}
          </button>
        )}
        {actions.includes('kill') && (
          <button
            type="button"
            class="danger"
            data-testid="console-close"
            aria-label={t('portal.closeUsers', named)}
            onClick={onClose}
          >
            {t('portal.close')}
          </button>
        )}
      </div>
      <OpeningResult result={fault === null ? result : { fault }} />
    </li>
  );
}
