import { useState } from 'preact/hooks';
import type { BootDevice } from '../../../server/contract/index.ts';
import type { MachineCalls } from '../api/machine-calls.ts';
import { Fault } from '../console/fault.tsx';
import { useAct } from '../portal/use-act.ts';
import { usePreferences } from '../preferences/preferences-context.tsx';
import { Question } from './question.tsx';

/** Where whatever is found runs by itself: an installer that nobody meant may be among it. */
const UNSEEN: ReadonlySet<BootDevice> = new Set(['pxe', 'cd']);

interface Props {
  /** Of the machine. */
  readonly name: string;
  readonly devices: readonly BootDevice[];
  readonly calls: Pick<MachineCalls, 'boot'>;
}

/** What a server starts from the next time, and only then. */
export function BootSection({ name, devices, calls }: Props) {
  const { t } = usePreferences();
  const [asking, setAsking] = useState<BootDevice | null>(null);
  const [told, setTold] = useState<BootDevice | null>(null);
  const { busy, fault, run } = useAct(() => undefined);
  const tell = (device: BootDevice) => {
    setTold(null);
    run(async () => {
      await calls.boot(device);
      setTold(device);
    });
  };
  const asked = asking === null ? '' : t(`boot.${asking}`);
  return (
    <section aria-labelledby="hardware-boot">
      <h3 id="hardware-boot">{t('boot.heading')}</h3>
      <p id="hardware-boot-hint" class="quiet">
        {t('boot.hint')}
      </p>
      <div class="keys" role="group" aria-labelledby="hardware-boot">
        {devices.map((device) => (
          <button
            key={device}
            type="button"
            data-boot-device={device}
            aria-describedby="hardware-boot-hint"
            disabled={busy}
            onClick={() => (UNSEEN.has(device) ? setAsking(device) : tell(device))}
          >
            {t(`boot.${device}`)}
          </button>
        ))}
      </div>
      <div role="status" data-testid="boot-told">
        {told !== null && t('boot.told', { device: t(`boot.${told}`) })}
      </div>
      <div role="alert">{fault && <Fault code={fault} />}</div>
      <Question
        open={asking !== null}
        title={t('boot.question', { device: asked })}
        text={t('boot.warning', { machine: name })}
        confirm={t('boot.confirm')}
        onConfirm={() => asking !== null && tell(asking)}
        onDismiss={() => setAsking(null)}
      />
    </section>
  );
}
