import type { MachineControls } from '../../../server/contract/index.ts';
import { hasHardware } from '../machine/hardware-dialog.tsx';
import { usePreferences } from '../preferences/preferences-context.tsx';

interface Props {
  readonly controls: MachineControls;
  readonly onPower: () => void;
  readonly onHardware: () => void;
}

/** What the machine itself can be told; nothing where there is nothing. */
export function MachineSection({ controls, onPower, onHardware }: Props) {
  const { t } = usePreferences();
  const power = controls.powerActions.length > 0;
  const hardware = hasHardware(controls);
  if (!power && !hardware) return null;
  return (
    <section aria-labelledby="menu-machine-heading">
      <h3 id="menu-machine-heading">{t('menu.machine')}</h3>
      <div class="keys">
        {power && (
          <button type="button" data-testid="menu-power" aria-haspopup="dialog" onClick={onPower}>
            {t('menu.power')}
          </button>
        )}
        {hardware && (
          <button
            type="button"
            data-testid="menu-hardware"
            aria-haspopup="dialog"
            onClick={onHardware}
          >
            {t('menu.hardware')}
          </button>
        )}
      </div>
    </section>
  );
}
