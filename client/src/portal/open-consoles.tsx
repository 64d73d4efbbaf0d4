import { useState } from 'preact/hooks';
import type { ConsoleView } from '../../../server/contract/index.ts';
import { portalApi } from '../api/gateway-api.ts';
import { CloseDialog } from '../console/close-dialog.tsx';
import { Fault } from '../console/fault.tsx';
import { usePreferences } from '../preferences/preferences-context.tsx';
import { ConsoleFacts } from './console-facts.tsx';
import { openedHere } from './opened-here.ts';
import { useAct } from './use-act.ts';

interface Props {
  readonly consoles: readonly ConsoleView[];
  readonly onChanged: () => void;
}

/** The person's open consoles: how long yet, more time, and their end. */
export function OpenConsoles({ consoles, onChanged }: Props) {
  const { t } = usePreferences();
  const here = openedHere();
  const [closing, setClosing] = useState<ConsoleView | null>(null);
  if (consoles.length === 0) return null;
  return (
    <section class="consoles" data-testid="consoles" aria-labelledby="own-consoles">
      <h2 id="own-consoles">{t('portal.consoles')}</h2>
      <ul class="machines">
        {consoles.map((console) => (
          <OpenConsole
            key={console.id}
            console={console}
            here={here.has(console.id)}
            onClose={() => setClosing(console)}
            onChanged={onChanged}
          />
        ))}
      </ul>
      <CloseDialog
        open={closing !== null}
        machine={closing?.machineName ?? ''}
        close={() => (closing === null ? Promise.resolve() : portalApi.close(closing.id))}
        onDismiss={() => {
          setClosing(null);
          onChanged();
        }}
      />
    </section>
  );
}

interface RowProps {
  readonly console: ConsoleView;
  /** Whether this browser has opened it, and may come back to its page. */
  readonly here: boolean;
  readonly onClose: () => void;
  readonly onChanged: () => void;
}

function OpenConsole({ console, here, onClose, onChanged }: RowProps) {
  const { t } = usePreferences();
  const { busy, fault, run } = useAct(onChanged);
  const kind = t(`kind.${console.kind}`);
  const named = { kind, machine: console.machineName };
  const extendable =
    console.may.extend &&
    console.approval !== 'pending' &&
    Date.parse(console.expiresAt) < Date.parse(console.extendableUntil);
  return (
    <li class="machine open-console" data-console={console.id}>
      <div class="machine-name">
        <strong>{console.machineName}</strong>
        <ConsoleFacts console={console} />
        {!here && <small>{t('portal.elsewhere')}</small>}
      </div>
      <div class="machine-consoles">
        {here && (
          <a
            class="button"
            data-testid="console-show"
            href={`/console/${encodeURIComponent(console.id)}`}
            target="_blank"
            rel="noopener"
            aria-label={t('portal.showOf', named)}
          >
            {t('portal.show')}
          </a>
        )}
        {extendable && (
          <button
            type="button"
            data-testid="console-extend"
            disabled={busy}
            aria-label={t('portal.extendOf', named)}
            onClick={() => run(() => portalApi.extend(console.id))}
          >
            {t('extend.button')}
          </button>
        )}
        <button
          type="button"
          class="danger"
          data-testid="console-close"
          disabled={busy}
          aria-label={t('portal.closeOf', named)}
          onClick={onClose}
        >
          {t('portal.close')}
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
