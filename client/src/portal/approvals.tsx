import { useState } from 'preact/hooks';
import type { ConsoleView } from '../../../server/contract/index.ts';
import { portalApi } from '../api/gateway-api.ts';
import { Fault } from '../console/fault.tsx';
import { usePreferences } from '../preferences/preferences-context.tsx';
import { RefuseDialog } from './refuse-dialog.tsx';
import { useAct } from './use-act.ts';

interface Props {
  readonly consoles: readonly ConsoleView[];
  readonly onChanged: () => void;
}

/** Consoles that wait for this person's approval: for whom, of which machine, what for. */
export function Approvals({ consoles, onChanged }: Props) {
  const { t } = usePreferences();
  const [refusing, setRefusing] = useState<ConsoleView | null>(null);
  if (consoles.length === 0) return null;
  return (
    <section class="consoles" data-testid="approvals" aria-labelledby="approvals">
      <h2 id="approvals">{t('portal.approvals')}</h2>
      <ul class="machines">
        {consoles.map((console) => (
          <Waiting
            key={console.id}
            console={console}
            onRefuse={() => setRefusing(console)}
            onChanged={onChanged}
          />
        ))}
      </ul>
      <RefuseDialog
        console={refusing}
        onDismiss={() => {
          setRefusing(null);
          onChanged();
        }}
      />
    </section>
  );
}

interface RowProps {
  readonly console: ConsoleView;
  readonly onRefuse: () => void;
  readonly onChanged: () => void;
}

function Waiting({ console, onRefuse, onChanged }: RowProps) {
  const { t, time } = usePreferences();
  const { busy, fault, run } = useAct(onChanged);
  const { id, machine, user, openedBy, purpose, kind, readOnly, expiresAt } = console;
  const named = { machine: console.machineName, user };
  const facts = [
    t(`kind.${kind}`),
    ...(readOnly ? [t('bar.viewOnly')] : []),
    machine,
    ...(openedBy === user ? [] : [t('portal.askedBy', { name: openedBy })]),
    t('share.until', { time: time(new Date(expiresAt)) }),
  ];
  return (
    <li class="machine open-console" data-approval={id}>
      <div class="machine-name">
        <strong>{t('portal.wants', named)}</strong>
        {purpose !== null && <blockquote data-testid="purpose">{purpose}</blockquote>}
        <small>{facts.join(' · ')}</small>
      </div>
      <div class="machine-consoles">
        <button
          type="button"
          class="primary"
          data-testid="approve"
          disabled={busy}
          aria-label={t('portal.approveOf', named)}
          onClick={() => run(() => portalApi.approve(id))}
        >
          {t('portal.approve')}
        </button>
        <button
          type="button"
          class="danger"
          data-testid="refuse"
          disabled={busy}
          aria-label={t('portal.refuseOf', named)}
          onClick={onRefuse}
        >
          {t('portal.refuse')}
        </button>
      </div>
      {fault && (
        <div class="machine-result" role="alert">
          <Fault code={fault} />
        </div>
      )}
    </li>
  );
}
