import { useState } from 'preact/hooks';
import type { ShareRequest } from '../../../server/contract/index.ts';
import { Choice } from '../menu/choice.tsx';
import { usePreferences } from '../preferences/preferences-context.tsx';
import { type LinkLife, shareRequestOf } from './share-request.ts';

interface Props {
  readonly busy: boolean;
  /** Whether the console itself can only be looked at. */
  readonly readOnly: boolean;
  readonly onMake: (wish: ShareRequest) => void;
}

/** What a new link is to allow, for how long and for whom. */
export function ShareForm({ busy, readOnly, onMake }: Props) {
  const { t } = usePreferences();
  const [rights, setRights] = useState<'look' | 'control'>('look');
  const [life, setLife] = useState<LinkLife>('hour');
  const look = { value: 'look', label: t('share.look'), hint: t('share.lookHint') } as const;
  const control = {
    value: 'control',
    label: t('share.control'),
    hint: t('share.controlHint'),
  } as const;
  return (
    <form
      class="ask"
      onSubmit={(event) => {
        event.preventDefault();
        const fields = new FormData(event.currentTarget);
        const text = (name: string) => {
          const value = fields.get(name);
          return typeof value === 'string' ? value : '';
        };
        onMake(
          shareRequestOf({
            readOnly: rights === 'look',
            life,
            passphrase: text('passphrase'),
            label: text('label'),
          }),
        );
      }}
    >
      <Choice
        name="share-rights"
        legend={t('share.what')}
        value={rights}
        onChoose={setRights}
        options={readOnly ? [look] : [look, control]}
      />
      <label>
        <span>{t('share.time')}</span>
        <select
          data-testid="share-life"
          value={life}
          onChange={(event) => setLife(event.currentTarget.value as LinkLife)}
        >
          <option value="quarter">{t('share.quarter')}</option>
          <option value="hour">{t('share.hour')}</option>
          <option value="always">{t('share.always')}</option>
        </select>
      </label>
      <label>
        <span>{t('share.passphrase')}</span>
        <input
          name="passphrase"
          data-testid="share-passphrase"
          autocomplete="off"
          autocapitalize="off"
          spellcheck={false}
          minLength={8}
          maxLength={128}
          aria-describedby="share-passphrase-hint"
        />
        <small id="share-passphrase-hint" class="quiet">
          {t('share.passphraseHint')}
        </small>
      </label>
      <label>
        <span>{t('share.label')}</span>
        <input name="label" data-testid="share-label" autocomplete="off" maxLength={128} />
      </label>
      <button type="submit" class="primary" data-testid="share-make" disabled={busy}>
        {t('share.make')}
      </button>
    </form>
  );
}
