import { useState } from 'preact/hooks';
import type { DriveView, InsertRequest, MediaView } from '../../../server/contract/index.ts';
import { usePreferences } from '../preferences/preferences-context.tsx';
import { driveFor } from './drive-for.ts';
import { type InsertProblem, insertWishOf } from './insert-wish.ts';

interface Props {
  /** Those that are empty; there is one at least. */
  readonly drives: readonly DriveView[];
  readonly media: Pick<MediaView, 'images' | 'urls'>;
  readonly busy: boolean;
  readonly onInsert: (wish: InsertRequest) => void;
}

/** One of the gateway's images, or one from an address where the caller may. */
export function InsertForm({ drives, media, busy, onInsert }: Props) {
  const { t } = usePreferences();
  const { images, urls } = media;
  const mayName = urls === null || urls.length > 0;
  const [image, setImage] = useState(images[0] ?? '');
  const [url, setUrl] = useState('');
  /** The one that was chosen for this image; null is the one that suits it. */
  const [chosen, setChosen] = useState<string | null>(null);
  const [problem, setProblem] = useState<InsertProblem | null>(null);
  if (images.length === 0 && !mayName) return <p class="quiet">{t('media.noImages')}</p>;
  const drive = drives.find(({ id }) => id === chosen) ?? driveFor(image || url, drives);
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    const wish = insertWishOf({ image, url, drive: drive?.id ?? '' }, media);
    if (typeof wish === 'string') return setProblem(wish);
    setProblem(null);
    onInsert(wish);
  };
  return (
    <form class="ask" data-testid="media-form" onSubmit={submit}>
      {images.length > 0 && (
        <label>
          <span>{t('media.image')}</span>
          <select
            data-testid="media-image"
            value={image}
            onChange={(event) => {
              setImage(event.currentTarget.value);
              setChosen(null);
            }}
          >
            {images.map((name) => (
              <option key={name} value={name}>
                {name}
              </option>
            ))}
            {mayName && <option value="">{t('media.elsewhere')}</option>}
          </select>
        </label>
      )}
      {image === '' && (
        <label>
          <span>{t('media.url')}</span>
          <input
            data-testid="media-url"
            value={url}
            onInput={(event) => setUrl(event.currentTarget.value)}
            inputMode="url"
            autocomplete="off"
            autocapitalize="off"
            spellcheck={false}
            required
            maxLength={2000}
            placeholder="https://"
            aria-invalid={problem !== null}
            aria-describedby="media-url-hint"
          />
          <small id="media-url-hint" class="quiet">
            {urls === null ? t('media.urlHint') : t('media.urlFrom', { urls: urls.join(', ') })}
          </small>
        </label>
      )}
      {drives.length > 1 && (
        <label>
          <span>{t('media.drive')}</span>
          <select
            data-testid="media-drive"
            value={drive?.id}
            onChange={(event) => setChosen(event.currentTarget.value)}
          >
            {drives.map(({ id, types }) => (
              <option key={id} value={id}>
                {[id, ...types.filter((type) => type !== id)].join(', ')}
              </option>
            ))}
          </select>
        </label>
      )}
      <div role="alert">
        {problem !== null && (
          <p class="fault" data-testid="media-problem">
            {t(`media.${problem}`)}
          </p>
        )}
      </div>
      <button type="submit" class="primary" data-testid="media-insert" disabled={busy}>
        {t('media.insert')}
      </button>
    </form>
  );
}
