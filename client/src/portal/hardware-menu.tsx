import { ServerCog } from 'lucide-preact';
import { useState } from 'preact/hooks';
import type { MachineView } from '../../../server/contract/index.ts';
import type { MachineCalls } from '../api/machine-calls.ts';
import { HardwareDialog, hasHardware } from '../machine/hardware-dialog.tsx';
import { usePreferences } from '../preferences/preferences-context.tsx';

interface Props {
  readonly machine: MachineView;
  readonly calls: MachineCalls;
}

/** What a server has besides its power, where it has any of it. */
export function HardwareMenu({ machine, calls }: Props) {
  const { t } = usePreferences();
  const [open, setOpen] = useState(false);
  if (!hasHardware(machine) && !open) return null;
  const title = t('hardware.title', { machine: machine.name });
  return (
    <>
      <button
        type="button"
        data-testid="hardware"
        aria-haspopup="dialog"
        aria-label={title}
        title={title}
        onClick={() => setOpen(true)}
      >
        <ServerCog aria-hidden="true" />
        <span>{t('hardware.short')}</span>
      </button>
      <HardwareDialog
        open={open}
        name={machine.name}
        controls={machine}
        calls={calls}
        onDismiss={() => setOpen(false)}
      />
    </>
  );
}
