import { useState } from 'preact/hooks';
import type { MachineCalls } from '../api/machine-calls.ts';
import { Fault } from '../console/fault.tsx';
import { usePreferences } from '../preferences/preferences-context.tsx';
import { InsertForm } from './insert-form.tsx';
import { Question } from './question.tsx';
import { useMedia } from './use-media.ts';

interface Props {
  /** Of the machine. */
  readonly name: string;
  /** Must stay the same object. */
  readonly calls: MachineCalls;
}

/** The drives that a server's BMC plays: what is in them, in and out. */
export function MediaSection({ name, calls }: Props) {
  const { t } = usePreferences();
  const { view, busy, fault, done, insert, eject, look } = useMedia(calls);
  /** The drive that is to be emptied, once that is confirmed. */
  const [asking, setAsking] = useState<string | null>(null);
  const empty = view?.drives.filter(({ image }) => image === null) ?? [];
  return (
    <section aria-labelledby="hardware-media" aria-busy={busy}>
      <h3 id="hardware-media">{t('media.heading')}</h3>
      {view !== null && (
        <ul class="drives">
          {view.drives.map(({ id, types, image }) => (
            <li key={id} data-drive={id}>
              <p>
                <strong>{[id, ...types.filter((type) => type !== id)].join(', ')}</strong>
                <span class="quiet">{image ?? t('media.empty')}</span>
              </p>
              {image !== null && (
                <button
                  type="button"
                  data-testid="media-eject"
                  disabled={busy}
                  aria-label={t('media.ejectFrom', { drive: id })}
                  onClick={() => setAsking(id)}
                >
                  {t('media.eject')}
                </button>
              )}
            </li>
          ))}
        </ul>
      )}
      {view?.drives.length === 0 && <p class="quiet">{t('media.noDrives')}</p>}
      <div role="status" data-testid="media-told">
        {busy && t(view === null ? 'media.looking' : 'media.working')}
        {done !== null && t(`media.${done.what}`, { drive: done.drive })}
      </div>
      <div role="alert">{fault && <Fault code={fault} />}</div>
      {view === null && fault !== null && (
        <button type="button" onClick={look}>
          {t('portal.retry')}
        </button>
      )}
      {view !== null && empty.length > 0 && (
        <InsertForm drives={empty} media={view} busy={busy} onInsert={insert} />
      )}
      <Question
        open={asking !== null}
        title={t('media.question', { drive: asking ?? '' })}
        text={t('media.warning', { machine: name })}
        confirm={t('media.eject')}
        onConfirm={() => asking !== null && eject(asking)}
        onDismiss={() => setAsking(null)}
      />
    </section>
  );
}
