import { Monitor, Server, SquareTerminal } from 'lucide-preact';
import { useState } from 'preact/hooks';
import type { ConsoleKind, MachineView } from '../../../server/contract/index.ts';
import { faultOf } from '../api/fault-code.ts';
import { Fault } from '../console/fault.tsx';
import { usePreferences } from '../preferences/preferences-context.tsx';
import { ConsoleFileButton } from './console-file-button.tsx';
import { PowerMenu } from './power-menu.tsx';
import { PurposeDialog } from './purpose-dialog.tsx';
import { type Opening, openConsole } from './open-console.ts';

const TEXT: ReadonlySet<ConsoleKind> = new Set(['ssh', 'telnet', 'terminal', 'sol']);

interface Props {
  readonly machine: MachineView;
  readonly onSignedOut: () => void;
  readonly onOpened: () => void;
}

export function MachineRow({ machine, onSignedOut, onOpened }: Props) {
  const { t, time } = usePreferences();
  const [opening, setOpening] = useState<ConsoleKind | null>(null);
  /** The console that is to be opened once its purpose is said. */
  const [asking, setAsking] = useState<ConsoleKind | null>(null);
  const [result, setResult] = useState<Opening | null>(null);

  const open = (kind: ConsoleKind, purpose: string | null) => {
    setAsking(null);
    setOpening(kind);
    setResult(null);
    void openConsole(machine.id, kind, purpose)
      .catch((error: unknown): Opening => ({ fault: faultOf(error) }))
      .then((opened) => {
        setOpening(null);
        if ('fault' in opened && opened.fault === 'unauthenticated') onSignedOut();
        else if ('fault' in opened && opened.fault === 'purpose_required') setAsking(kind);
        else setResult(opened);
        onOpened();
      });
  };

  const type = t(machine.type === 'vm' ? 'portal.typeVm' : 'portal.typeServer');
  return (
    <li class="machine" data-machine={machine.id}>
      <span class="machine-icon" title={type}>
        {machine.type === 'vm' ? <Monitor aria-label={type} /> : <Server aria-label={type} />}
      </span>
      <div class="machine-name">
        <strong>{machine.name}</strong>
        <small>
          {machine.power !== 'unknown' && (
            <>
              <span class="power" data-power={machine.power}>
                {t(`power.${machine.power}`)}
              </span>
              {' · '}
            </>
          )}
          {machine.location}
          {' · '}
          <span class="machine-id">{machine.id}</span>
          {machine.staleSince !== null && (
            <>
              {' · '}
              <span class="stale">
                {t('portal.stale', { time: time(new Date(machine.staleSince)) })}
              </span>
            </>
          )}
        </small>
      </div>
      <div class="machine-consoles">
        {machine.consoles.length === 0 && (
          <span class="quiet">
            {t(machine.consoleFile ? 'portal.nativeOnly' : 'portal.noConsole')}
          </span>
        )}
        {machine.consoles.map((kind) => (
          <button
            key={kind}
            type="button"
            data-kind={kind}
            disabled={opening !== null}
            aria-busy={opening === kind}
            aria-label={t('portal.open', { kind: t(`kind.${kind}`), machine: machine.name })}
            onClick={() => (machine.requires.purpose ? setAsking(kind) : open(kind, null))}
          >
            {TEXT.has(kind) ? (
              <SquareTerminal aria-hidden="true" />
            ) : (
              <Monitor aria-hidden="true" />
            )}
            {t(`kind.${kind}`)}
          </button>
        ))}
        <ConsoleFileButton machine={machine} />
        <PowerMenu machine={machine} />
      </div>
      <PurposeDialog
        open={asking !== null}
        machine={machine}
        onPurpose={(purpose) => asking !== null && open(asking, purpose)}
        onDismiss={() => setAsking(null)}
      />
      {/* What the list has is gone, or another's: customers are not told which. */}
      {result && 'fault' in result && (
        <div class="machine-result" role="alert">
          <Fault code={result.fault === 'forbidden' ? 'machine_not_found' : result.fault} />
        </div>
      )}
      {result && 'blocked' in result && (
        <p class="machine-result" role="alert">
          {t('portal.blocked')}{' '}
          <a href={result.blocked} target="_blank" rel="noopener">
            {t('portal.openHere')}
          </a>
        </p>
      )}
    </li>
  );
}
