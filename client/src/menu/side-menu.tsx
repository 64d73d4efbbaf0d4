import type { MachineControls } from '../../../server/contract/index.ts';
import { DialogHead } from '../console/dialog-head.tsx';
import { isLive, type Page } from '../console/page-state.ts';
import { Modal } from '../console/modal.tsx';
import { isExtendable } from '../console/extension.ts';
import type { Clipboard } from '../console/use-clipboard.ts';
import type { Extend } from '../console/use-extend.ts';
import type { Combination } from '../input/combination.ts';
import { usePreferences } from '../preferences/preferences-context.tsx';
import { mayEverType, mayShare } from '../console/participants.ts';
import { ClipboardSection } from './clipboard-section.tsx';
import { InputSection } from './input-section.tsx';
import { KeysSection } from './keys-section.tsx';
import { MachineSection } from './machine-section.tsx';
import { RegionSection } from './region-section.tsx';
import { SessionSection } from './session-section.tsx';
import { ShareSection } from './share-section.tsx';
import { ZoomSection } from './zoom-section.tsx';

interface Props {
  readonly open: boolean;
  readonly page: Page;
  /** Whether the machine takes input now. */
  readonly active: boolean;
  readonly clipboard: Clipboard;
  readonly extend: Extend;
  /** What the machine can be told from here; null where that is nothing, or not known. */
  readonly controls: MachineControls | null;
  readonly onSend: (combination: Combination) => void;
  readonly onDisconnect: () => void;
  readonly onShare: () => void;
  readonly onPower: () => void;
  readonly onHardware: () => void;
  readonly onClose: () => void;
  readonly onDismiss: () => void;
}

export function SideMenu({
  open,
  page,
  active,
  clipboard,
  extend,
  controls,
  onSend,
  ...actions
}: Props) {
  const { t } = usePreferences();
  const { onDisconnect, onShare, onPower, onHardware, onClose, onDismiss } = actions;
  return (
    <Modal class="menu" testId="menu" open={open} label={t('menu.title')} onDismiss={onDismiss}>
      <DialogHead
        class="menu-head"
        title={t('menu.title')}
        dismiss={t('menu.dismiss')}
        testId="menu-dismiss"
        onDismiss={onDismiss}
      />
      {page.console && (
        <p class="menu-machine" data-testid="menu-machine">
          <strong>{page.console.machineName}</strong>{' '}
          <span class="machine-id">{page.console.machine}</span>
        </p>
      )}
      <p class="quiet">{t('menu.hint')}</p>
      <SessionSection
        guest={page.viewer !== null}
        live={isLive(page.phase)}
        open={page.console !== null && page.phase.name !== 'ended'}
        extend={extend}
        extendable={isExtendable(page)}
        expiresAt={page.console?.expiresAt ?? null}
        onDisconnect={onDisconnect}
        onClose={onClose}
      />
      {controls && <MachineSection controls={controls} onPower={onPower} onHardware={onHardware} />}
      {mayShare(page) && <ShareSection onShare={onShare} />}
      {mayEverType(page) && (
        <>
          <KeysSection kind={page.console?.kind ?? 'vnc'} disabled={!active} onSend={onSend} />
          <ClipboardSection clipboard={clipboard} disabled={!active} />
          <InputSection />
        </>
      )}
      <ZoomSection />
      <RegionSection />
    </Modal>
  );
}
