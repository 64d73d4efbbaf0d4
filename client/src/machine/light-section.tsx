import { useState } from 'preact/hooks';
import type { MachineCalls } from '../api/machine-calls.ts';
import { Fault } from '../console/fault.tsx';
import { useAct } from '../portal/use-act.ts';
import { usePreferences } from '../preferences/preferences-context.tsx';

/** The light by which a server is found. Not every BMC says whether it blinks: both can be told always. */
export function LightSection({ calls }: { calls: Pick<MachineCalls, 'identify'> }) {
  const { t } = usePreferences();
  const [told, setTold] = useState<boolean | null>(null);
  const { busy, fault, run } = useAct(() => undefined);
  const tell = (on: boolean) => {
    setTold(null);
    run(async () => {
      await calls.identify(on);
      setTold(on);
    });
  };
  return (
    <section aria-labelledby="hardware-light">
      <h3 id="hardware-light">{t('light.heading')}</h3>
      <p id="hardware-light-hint" class="quiet">
        {t('light.hint')}
      </p>
      <div class="keys" role="group" aria-labelledby="hardware-light">
        {[true, false].map((on) => (
          <button
            key={on}
            type="button"
            data-identify={on ? 'on' : 'off'}
            aria-describedby="hardware-light-hint"
            disabled={busy}
            onClick={() => tell(on)}
          >
            {t(on ? 'light.on' : 'light.off')}
          </button>
        ))}
      </div>
      <div role="status" data-testid="light-told">
        {told !== null && t(told ? 'light.toldOn' : 'light.toldOff')}
      </div>
      <div role="alert">{fault && <Fault code={fault} />}</div>
    </section>
  );
}
