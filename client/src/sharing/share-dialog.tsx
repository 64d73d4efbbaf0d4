import { DialogHead } from '../console/dialog-head.tsx';
import type { ConsoleSession } from '../console/console-session.ts';
import { Fault } from '../console/fault.tsx';
import { Modal } from '../console/modal.tsx';
import type { Page } from '../console/page-state.ts';
import { usePreferences } from '../preferences/preferences-context.tsx';
import { MadeLink } from './made-link.tsx';
import { ShareForm } from './share-form.tsx';
import { ShareLinks } from './share-links.tsx';
import type { Control } from './use-control.ts';
import { useShares } from './use-shares.ts';
import { Watchers } from './watchers.tsx';

interface Props {
  readonly open: boolean;
  readonly page: Page;
  readonly session: ConsoleSession;
  readonly control: Control;
  readonly onDismiss: () => void;
}

/** The holder's: who watches, which links there are, and one more. */
export function ShareDialog({ open, page, session, control, onDismiss }: Props) {
  const { t } = usePreferences();
  const { viewers = [], shares: live = 0 } = page.console ?? {};
  const shares = useShares(session, open, `${live} ${viewers.map(({ id }) => id).join(' ')}`);
  return (
    <Modal
      class="dialog share"
      testId="share"
      open={open}
      label={t('share.title')}
      onDismiss={onDismiss}
    >
      <DialogHead
        class="dialog-head"
        title={t('share.title')}
        dismiss={t('share.dismiss')}
        testId="share-dismiss"
        onDismiss={onDismiss}
      />
      {shares.made === null ? (
        <ShareForm
          busy={shares.busy}
          readOnly={page.console?.readOnly ?? true}
          onMake={shares.make}
        />
      ) : (
        <MadeLink share={shares.made} onAnother={shares.another} />
      )}
      <div role="alert">{shares.fault && <Fault code={shares.fault} />}</div>
      <ShareLinks shares={shares.items ?? []} busy={shares.busy} onRevoke={shares.revoke} />
      <Watchers page={page} control={control} />
    </Modal>
  );
}
