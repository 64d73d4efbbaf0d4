import { Download } from 'lucide-preact';
import { useState } from 'preact/hooks';
import type { ConsoleFile, MachineView } from '../../../server/contract/index.ts';
import { portalApi } from '../api/gateway-api.ts';
import { Fault } from '../console/fault.tsx';
import { usePreferences } from '../preferences/preferences-context.tsx';
import { PurposeDialog } from './purpose-dialog.tsx';
import { useAct } from './use-act.ts';

/** Saves the file with which a client of the user's own opens the machine, where there is one. */
export function ConsoleFileButton({ machine }: { machine: MachineView }) {
  const { t } = usePreferences();
  const [asking, setAsking] = useState(false);
  const { busy, fault, run } = useAct(() => undefined);
  if (!machine.consoleFile) return null;

  const fetchFile = (purpose: string | null) => {
    setAsking(false);
    run(() => portalApi.consoleFile(machine.id, purpose).then(save));
  };
  const title = t('portal.fileTitle', { machine: machine.name });
  return (
    <>
      <button
        type="button"
        data-testid="console-file"
        aria-label={title}
        title={title}
        disabled={busy}
        onClick={() => (machine.requires.purpose ? setAsking(true) : fetchFile(null))}
      >
        <Download aria-hidden="true" />
        {t('portal.file')}
      </button>
      <PurposeDialog
        open={asking}
        machine={machine}
        onPurpose={fetchFile}
        onDismiss={() => setAsking(false)}
      />
      {fault && (
        <div class="machine-result" role="alert">
          <Fault code={fault} />
        </div>
      )}
    </>
  );
}

function save({ name, contentType, text }: ConsoleFile): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([text], { type: contentType }));
  link.download = name;
  link.click();
  URL.revokeObjectURL(link.href);
}
