import { useState } from 'preact/hooks';
import type { MachineControls, PowerAction } from '../../../server/contract/index.ts';
import type { MachineCalls } from '../api/machine-calls.ts';
import { Fault } from '../console/fault.tsx';
import { Modal } from '../console/modal.tsx';
import { useAct } from '../portal/use-act.ts';
import { usePreferences } from '../preferences/preferences-context.tsx';
import { Question } from './question.tsx';

/** What the system on the machine is not asked about; it is done after a second look only. */
const HARD: ReadonlySet<PowerAction> = new Set(['off', 'reset', 'cycle', 'nmi']);

interface Props {
  readonly open: boolean;
  /** Of the machine. */
  readonly name: string;
  readonly controls: Pick<MachineControls, 'powerActions'>;
  readonly calls: Pick<MachineCalls, 'power'>;
  /** It was told something, and will be another one soon. */
  readonly onTold: () => void;
  readonly onDismiss: () => void;
}

/** Switches a machine, by what there is for it. */
export function PowerDialog({ open, ...rest }: Props) {
  const { t } = usePreferences();
  const title = t('switch.title', { machine: rest.name });
  return (
    <Modal
      class="dialog"
      testId="power-dialog"
      open={open}
      label={title}
      onDismiss={rest.onDismiss}
    >
      <PowerForm title={title} {...rest} />
    </Modal>
  );
}

function PowerForm({ title, name, controls, calls, onTold, onDismiss }: FormProps) {
  const { t } = usePreferences();
  const [asking, setAsking] = useState<PowerAction | null>(null);
  const [told, setTold] = useState<PowerAction | null>(null);
  const { busy, fault, run } = useAct(() => undefined);
  const { powerActions } = controls;
  // The harmless ones first: the first one is what a hand in a hurry presses.
  const offered = [false, true].flatMap((hard) =>
    powerActions.filter((action) => HARD.has(action) === hard),
  );
  const tell = (action: PowerAction) => {
    setTold(null);
    run(async () => {
      await calls.power(action);
      setTold(action);
      onTold();
    });
  };
  const asked = asking === null ? '' : t(`switch.${asking}`);
  return (
    <div class="ask">
      <h2>{title}</h2>
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
      <div role="status">{told !== null && t('switch.told', { action: t(`switch.${told}`) })}</div>
      <div role="alert">{fault && <Fault code={fault} />}</div>
      <div class="actions">
        <button type="button" data-testid="power-dismiss" onClick={onDismiss}>
          {t('switch.close')}
        </button>
      </div>
      <Question
        open={asking !== null}
        title={asked}
        text={t('switch.warning', { machine: name })}
        confirm={asked}
        onConfirm={() => asking !== null && tell(asking)}
        onDismiss={() => setAsking(null)}
      />
    </div>
  );
}

type FormProps = Omit<Props, 'open'> & { readonly title: string };
