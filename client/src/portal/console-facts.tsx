import type { ConsoleView } from '../../../server/contract/index.ts';
import { formatLeft, warningOf } from '../console/server-clock.ts';
import { useNow } from '../console/use-now.ts';
import type { TextKey } from '../i18n/catalogue.ts';
import { usePreferences } from '../preferences/preferences-context.tsx';

/** What tells one open console from another: its kind, how it is, since when, and how long yet. */
export function ConsoleFacts({ console }: { console: ConsoleView }) {
  const { t, time } = usePreferences();
  const { kind, readOnly, createdAt, expiresAt } = console;
  const left = Math.max(0, Date.parse(expiresAt) - useNow(1000));
  const facts = [
    t(`kind.${kind}`),
    ...(readOnly ? [t('bar.viewOnly')] : []),
    t('portal.openSince', { time: time(new Date(createdAt)) }),
  ];
  return (
    <small>
      <span class="console-state" data-testid="console-state" data-state={stateOf(console)}>
        {t(stateKey(console))}
      </span>
      {` · ${facts.join(' · ')} · `}
      <span
        class="console-left"
        data-testid="console-left"
        data-warning={warningOf(left) ?? undefined}
        title={t('portal.leftUntil', { time: time(new Date(expiresAt)) })}
      >
        {t('portal.left', { left: formatLeft(left) })}
      </span>
    </small>
  );
}

function stateOf({ approval, state }: ConsoleView) {
  return approval === 'pending' ? 'approving' : state;
}

function stateKey(console: ConsoleView): TextKey {
  const state = stateOf(console);
  return state === 'approving' ? 'state.approving' : `open.${state}`;
}
