import { useEffect, useRef, useState } from 'preact/hooks';
import type { FaultCode } from '../api/fault-code.ts';
import type { Question } from '../console/page-state.ts';
import { Fault } from '../console/fault.tsx';
import { usePreferences } from '../preferences/preferences-context.tsx';
import { Logo } from '../styles/logo.tsx';

interface Props {
  readonly question: Question;
  /** Why the answer before was none. */
  readonly fault: FaultCode | null;
  readonly onAnswer: (name: string, passphrase: string | null) => void;
}

/** Asks a guest for their name, and for the passphrase where the link has one. */
export function JoinCard({ question, fault, onAnswer }: Props) {
  const { t, preferences, choose } = usePreferences();
  const [name, setName] = useState(preferences.guestName ?? '');
  const form = useRef<HTMLFormElement>(null);
  const locked = question === 'passphrase';

  // The first field that is still to be filled in; after a wrong passphrase that one.
  useEffect(() => {
    const fields = [...(form.current?.querySelectorAll('input') ?? [])];
    (fields.find(({ value }) => value === '') ?? fields[0])?.focus();
  }, []);

  return (
    <form
      ref={form}
      class="card join"
      data-testid="join"
      onSubmit={(event) => {
        event.preventDefault();
        const passphrase = new FormData(event.currentTarget).get('passphrase');
        const said = name.trim();
        choose({ guestName: said });
        onAnswer(said, typeof passphrase === 'string' ? passphrase : null);
      }}
    >
      <Logo />
      <h2>{t('join.title')}</h2>
      <p class="quiet">{t('join.text')}</p>
      <label>
        <span>{t('join.name')}</span>
        <input
          name="name"
          data-testid="join-name"
          autocomplete="nickname"
          maxLength={64}
          pattern=".*\S.*"
          required
          value={name}
          onInput={(event) => setName(event.currentTarget.value)}
        />
      </label>
      {locked && (
        <label>
          <span>{t('join.passphrase')}</span>
          <input
            name="passphrase"
            type="password"
            data-testid="join-passphrase"
            autocomplete="off"
            aria-describedby="join-passphrase-hint"
            maxLength={128}
            required
          />
          <small id="join-passphrase-hint" class="quiet">
            {t('join.passphraseHint')}
          </small>
        </label>
      )}
      <div role="alert">{fault && <Fault code={fault} />}</div>
      <button type="submit" class="primary" data-testid="join-enter">
        {t('join.enter')}
      </button>
    </form>
  );
}
