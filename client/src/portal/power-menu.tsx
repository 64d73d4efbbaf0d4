import { Power } from 'lucide-preact';
import { useState } from 'preact/hooks';
import type { MachineView } from '../../../server/contract/index.ts';
import type { MachineCalls } from '../api/machine-calls.ts';
import { PowerDialog } from '../machine/power-dialog.tsx';
import { usePreferences } from '../preferences/preferences-context.tsx';

interface Props {
  readonly machine: MachineView;
  readonly calls: MachineCalls;
  /** It was told something, and will be another one soon. */
  readonly onTold: () => void;
}

/** Switches a machine, by what there is for it. */
export function PowerMenu({ machine, calls, onTold }: Props) {
  const { t } = usePreferences();
  const [open, setOpen] = useState(false);
  // What it was told may leave nothing to tell it: the dialog that says so stays.
  if (machine.powerActions.length === 0 && !open) return null;
  const title = t('switch.title', { machine: machine.name });
  return (
    <>
      <button
        type="button"
        data-testid="power"
        aria-haspopup="dialog"
        aria-label={title}
        title={title}
        onClick={() => setOpen(true)}
      >
        <Power aria-hidden="true" />
        <span>{t('menu.power')}</span>
      </button>
      <PowerDialog
        open={open}
        name={machine.name}
        controls={machine}
        calls={calls}
        onTold={onTold}
        onDismiss={() => setOpen(false)}
      />
    </>
  );
}
