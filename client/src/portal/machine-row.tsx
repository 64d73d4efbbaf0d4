import { Eye, Monitor, Server, SquareTerminal } from 'lucide-preact';
import { useCallback, useMemo, useState } from 'preact/hooks';
import type { ConsoleKind, MachineView } from '../../../server/contract/index.ts';
import { faultOf } from '../api/fault-code.ts';
import { portalApi } from '../api/gateway-api.ts';
import type { TextKey } from '../i18n/catalogue.ts';
import { usePreferences } from '../preferences/preferences-context.tsx';
import { ConsoleFileButton } from './console-file-button.tsx';
import { HardwareMenu } from './hardware-menu.tsx';
import { MachineId } from './machine-id.tsx';
import { PowerMenu } from './power-menu.tsx';
import { PurposeDialog } from './purpose-dialog.tsx';
import { openConsole } from './open-console.ts';
import { OpeningResult, type RowResult } from './opening-result.tsx';
import { useFollow } from './use-follow.ts';

const TEXT: ReadonlySet<ConsoleKind> = new Set(['ssh', 'telnet', 'terminal', 'sol']);

interface Props {
  readonly machine: MachineView;
  /** Whether there are others elsewhere, so that its place says something. */
  readonly showLocation: boolean;
  readonly onSignedOut: () => void;
  readonly onOpened: () => void;
  /** Must stay the same function. */
  readonly onSeen: (machine: MachineView) => void;
}

export function MachineRow({ machine, showLocation, onSignedOut, onOpened, onSeen }: Props) {
  const { t, time } = usePreferences();
  const [opening, setOpening] = useState<ConsoleKind | null>(null);
  /** The console that is to be opened once its purpose is said. */
  const [asking, setAsking] = useState<ConsoleKind | null>(null);
  const [result, setResult] = useState<RowResult>(null);
  const calls = useMemo(() => portalApi.callsOf(machine.id), [machine.id]);
  const look = useCallback(
    (signal: AbortSignal) => portalApi.machine(machine.id, signal),
    [machine.id],
  );
  const follow = useFollow(look, onSeen);

  const open = (kind: ConsoleKind, purpose: string | null) => {
    setAsking(null);
    setOpening(kind);
    setResult(null);
    void openConsole(machine.id, kind, purpose)
      .catch((error: unknown) => ({ fault: faultOf(error) }))
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
    <li class="machine" data-machine={machine.id} data-stale={machine.stale || undefined}>
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
          {showLocation && `${machine.location} · `}
          <MachineId id={machine.id} />
          {machine.requires.readOnly && machine.consoles.length > 0 && (
            <>
              {' · '}
              <span class="view-only" data-testid="opens-view-only">
                <Eye aria-hidden="true" /> {t('portal.opensViewOnly')}
              </span>
            </>
          )}
          {machine.staleSince !== null && (
            <>
              {' · '}
              <span class="stale">
                {t('portal.stale', { time: time(new Date(machine.staleSince)) })}
              </span>
            </>
          )}
        </small>
        {machine.state !== null && machine.consoles.length === 0 && (
          <small data-testid="machine-state">{machine.state}</small>
        )}
      </div>
      <div class="machine-consoles">
        {machine.consoles.length === 0 && <span class="quiet">{t(whyNone(machine))}</span>}
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
        <div class="machine-tells">
          <PowerMenu machine={machine} calls={calls} onTold={follow} />
          <HardwareMenu machine={machine} calls={calls} />
        </div>
      </div>
      <PurposeDialog
        open={asking !== null}
        machine={machine}
        onPurpose={(purpose) => asking !== null && open(asking, purpose)}
        onDismiss={() => setAsking(null)}
      />
      <OpeningResult result={result && withoutGone(result)} />
    </li>
  );
}

/** Why there is nothing to press. */
function whyNone({ consoleFile, onlySpice }: MachineView): TextKey {
  if (consoleFile) return 'portal.nativeOnly';
  return onlySpice ? 'portal.onlySpice' : 'portal.noConsole';
}

/** What the list has is gone, or another's: customers are not told which. */
function withoutGone(result: NonNullable<RowResult>): RowResult {
  const gone = 'fault' in result && result.fault === 'forbidden';
  return gone ? { fault: 'machine_not_found' } : result;
}
