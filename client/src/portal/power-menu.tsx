import { Power } from 'lucide-preact';
import { useState } from 'preact/hooks';
import type { MachineView, PowerAction } from '../../../server/contract/index.ts';
import { portalApi } from '../api/gateway-api.ts';
import { Fault } from '../console/fault.tsx';
import { Modal } from '../console/modal.tsx';
import { usePreferences } from '../preferences/preferences-context.tsx';
import { useAct } from './use-act.ts';

/** What the system on the machine is not asked about; it is done after a second look only. */
const HARD: ReadonlySet<PowerAction> = new Set(['off', 'reset', 'cycle', 'nmi']);

interface Props {
  readonly machine: MachineView;
  /** It was told something, and will be another one soon. */
  readonly onTold: () => void;
}

/** Switches a machine, by what there is for it. */
export function PowerMenu({ machine, onTold }: Props) {
  const { t } = usePreferences();
  const [open, setOpen] = useState(false);
  const [asking, setAsking] = useState<PowerAction | null>(null);
  const [told, setTold] = useState<PowerAction | null>(null);
  const { busy, fault, run } = useAct(() => undefined);
  const { id, name, powerActions } = machine;
  // What it was told may leave nothing to tell it: the dialog that says so stays.
  if (powerActions.length === 0 && !open) return null;
  // The harmless ones first: the first one is what a hand in a hurry presses.
  const offered = [false, true].flatMap((hard) =>
    powerActions.filter((action) => HARD.has(action) === hard),
  );

  const show = (shown: boolean) => {
    setOpen(shown);
    setAsking(null);
    setTold(null);
  };
  const tell = (action: PowerAction) => {
    setAsking(null);
    setTold(null);
    run(async () => {
      await portalApi.power(id, action);
      setTold(action);
      onTold();
    });
  };
  const title = t('switch.title', { machine: name });
  return (
    <>
      <button
        type="button"
        data-testid="power"
        aria-haspopup="dialog"
        aria-label={title}
        title={title}
        onClick={() => show(true)}
      >
        <Power aria-hidden="true" />
      </button>
      <Modal
        class="dialog"
        testId="power-dialog"
        open={open}
        label={title}
        onDismiss={() => show(false)}
      >
        <div class="ask">
          <h2>{title}</h2>
          {asking === null ? (
            <div class="power-actions">
              {offered.map((action) => (
                <button
                  key={action}
                  type="button"
                  class={HARD.has(action) ? 'danger' : undefined}
                  data-power-action={action}
                  disabled={busy}
                  onClick={() => (HARD.has(action) ? setAsking(action) : tell(action))}
                >
                  {t(`switch.${action}`)}
                </button>
              ))}
            </div>
          ) : (
            <p>{t('switch.warning', { machine: name })}</p>
          )}
          <div role="status">
            {told !== null && t('switch.told', { action: t(`switch.${told}`) })}
          </div>
          <div role="alert">{fault && <Fault code={fault} />}</div>
          <div class="actions">
            <button
              type="button"
              data-testid="power-dismiss"
              onClick={() => (asking === null ? show(false) : setAsking(null))}
            >
              {t(asking === null ? 'switch.close' : 'purpose.cancel')}
            </button>
            {asking !== null && (
              <button
                type="button"
                class="danger"
                data-testid="power-confirm"
                onClick={() => tell(asking)}
              >
                {t(`switch.${asking}`)}
              </button>
            )}
          </div>
        </div>
      </Modal>
    </>
  );
}
