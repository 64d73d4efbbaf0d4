import { Power } from 'lucide-preact';
import { usePreferences } from '../preferences/preferences-context.tsx';
import { useAct } from '../portal/use-act.ts';
import type { ConsoleSession } from './console-session.ts';
import { Fault } from './fault.tsx';

/** Switches the machine on, after which the page waits for its screen. */
export function SwitchOnButton({ session }: { session: ConsoleSession }) {
  const { t } = usePreferences();
  const { busy, fault, run } = useAct(nothing);
  return (
    <>
      <button
        type="button"
        class="primary"
        data-testid="switch-on"
        disabled={busy}
        onClick={() => run(() => session.machine.power('on'))}
      >
        <Power aria-hidden="true" />
        {t('switch.on')}
      </button>
      {fault && (
        <div role="alert">
          <Fault code={fault} />
        </div>
      )}
    </>
  );
}

function nothing(): void {
  // The page itself goes on.
}
