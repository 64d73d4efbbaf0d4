import type { MachineControls } from '../../../server/contract/index.ts';
import type { MachineCalls } from '../api/machine-calls.ts';
import { DialogHead } from '../console/dialog-head.tsx';
import { Modal } from '../console/modal.tsx';
import { usePreferences } from '../preferences/preferences-context.tsx';
import { BootSection } from './boot-section.tsx';
import { LightSection } from './light-section.tsx';
import { MediaSection } from './media-section.tsx';

type Hardware = Pick<MachineControls, 'bootDevices' | 'identify' | 'media'>;

interface Props {
  readonly open: boolean;
  /** Of the machine. */
  readonly name: string;
  readonly controls: Hardware;
  readonly calls: MachineCalls;
  readonly onDismiss: () => void;
}

/** Whether there is anything to be told but to be switched. */
export function hasHardware({ bootDevices, identify, media }: Hardware): boolean {
  return bootDevices.length > 0 || identify || media;
}

/** What a server starts from next, its light, and its drives: as far as it has them. */
export function HardwareDialog({ open, name, controls, calls, onDismiss }: Props) {
  const { t } = usePreferences();
  const title = t('hardware.title', { machine: name });
  const { bootDevices, identify, media } = controls;
  return (
    <Modal
      class="dialog hardware"
      testId="hardware-dialog"
      open={open}
      label={title}
      onDismiss={onDismiss}
    >
      <DialogHead
        class="dialog-head"
        title={title}
        dismiss={t('switch.close')}
        testId="hardware-dismiss"
        onDismiss={onDismiss}
      />
      {bootDevices.length > 0 && <BootSection name={name} devices={bootDevices} calls={calls} />}
      {identify && <LightSection calls={calls} />}
      {media && <MediaSection name={name} calls={calls} />}
    </Modal>
  );
}
