import { useEffect, useRef, useState } from 'preact/hooks';
import { type Credential, MAX_CREDENTIAL } from '../../../server/contract/index.ts';
import { type FaultCode, faultOf } from '../api/fault-code.ts';
import { usePreferences } from '../preferences/preferences-context.tsx';
import { Logo } from '../styles/logo.tsx';
import { Fault } from './fault.tsx';

interface Props {
  readonly machine: string;
  /** What the machine asks for. */
  readonly names: readonly Credential[];
  readonly onAnswer: (values: ReadonlyMap<Credential, string>) => void;
  /** Closes the console; rejects where the gateway did not. */
  readonly onCancel: () => Promise<void>;
}

/** A character is up to four bytes. */
const MAX_LENGTH = MAX_CREDENTIAL / 4;
const OPEN: readonly Credential[] = ['domain', 'username'];

/** Asks for the credentials that the machine wants. They go to the machine, and stay nowhere. */
export function CredentialsCard({ machine, names, onAnswer, onCancel }: Props) {
  const { t } = usePreferences();
  const [fault, setFault] = useState<FaultCode | null>(null);
  const form = useRef<HTMLFormElement>(null);

  useEffect(() => form.current?.querySelector('input')?.focus(), []);

  return (
    <form
      ref={form}
      class="card credentials"
      data-testid="credentials"
      aria-labelledby="credentials-title"
      aria-describedby="credentials-text"
      onSubmit={(event) => {
        event.preventDefault();
        const given = new FormData(event.currentTarget);
        const typed = (name: Credential): string => {
          const value = given.get(name);
          return typeof value === 'string' ? value : '';
        };
        onAnswer(new Map(names.map((name) => [name, typed(name)])));
      }}
    >
      <Logo />
      <h2 id="credentials-title">{t('state.prompting')}</h2>
      <p id="credentials-text" class="quiet">
        {t('credentials.text', { machine })}
      </p>
      {names.map((name) => (
        <label key={name}>
          <span>{t(`credential.${name}`)}</span>
          <input
            name={name}
            type={OPEN.includes(name) ? 'text' : 'password'}
            data-testid={`credential-${name}`}
            autocomplete="off"
            autocapitalize="off"
            spellcheck={false}
            maxLength={MAX_LENGTH}
          />
        </label>
      ))}
      <div role="alert">{fault && <Fault code={fault} />}</div>
      <button type="submit" class="primary" data-testid="credentials-send">
        {t('credentials.send')}
      </button>
      <button
        type="button"
        data-testid="credentials-cancel"
        onClick={() => void onCancel().catch((error: unknown) => setFault(faultOf(error)))}
      >
        {t('credentials.cancel')}
      </button>
    </form>
  );
}
