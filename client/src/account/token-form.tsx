import { useEffect, useRef, useState } from 'preact/hooks';
import {
  ACTIONS,
  type Action,
  type CreateApiTokenRequest,
  type Role,
} from '../../../server/contract/index.ts';
import type { FaultCode } from '../api/fault-code.ts';
import { Fault } from '../console/fault.tsx';
import { Choice } from '../menu/choice.tsx';
import { usePreferences } from '../preferences/preferences-context.tsx';
import { TOKEN_LIVES, type TokenLife, tokenRequestOf } from './token-request.ts';

interface Props {
  readonly role: Role;
  readonly busy: boolean;
  readonly fault: FaultCode | null;
  readonly onMake: (wish: CreateApiTokenRequest) => void;
  readonly onCancel: () => void;
}

const LIVES = Object.keys(TOKEN_LIVES) as TokenLife[];

/** What a new token is to be called, what it may do, on which machines and for how long. */
export function TokenForm({ role, busy, fault, onMake, onCancel }: Props) {
  const { t } = usePreferences();
  const [scope, setScope] = useState<'all' | 'some'>('all');
  const [actions, setActions] = useState<readonly Action[]>(['list', 'open']);
  const [life, setLife] = useState<TokenLife>('month');
  const name = useRef<HTMLInputElement>(null);
  useEffect(() => name.current?.focus(), []);
  // No policy gives the audit trail to anybody else.
  const offered = ACTIONS.filter((action) => action !== 'audit' || role === 'admin');

  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    const fields = new FormData(event.currentTarget as HTMLFormElement);
    const text = (field: string) => {
      const value = fields.get(field);
      return typeof value === 'string' ? value : '';
    };
    onMake(
      tokenRequestOf({
        name: text('name'),
        actions: scope === 'all' ? null : actions,
        machines: text('machines'),
        life,
      }),
    );
  };
  const tick = (action: Action, on: boolean) => {
    setActions((before) => ACTIONS.filter((one) => (one === action ? on : before.includes(one))));
  };

  return (
    <form class="ask token-form" data-testid="token-form" onSubmit={submit}>
      <label>
        <span>{t('tokens.name')}</span>
        <input ref={name} name="name" autocomplete="off" maxLength={64} pattern=".*\S.*" required />
      </label>
      <Choice
        name="token-scope"
        legend={t('tokens.what')}
        value={scope}
        onChoose={setScope}
        options={[
          { value: 'all', label: t('tokens.all') },
          { value: 'some', label: t('tokens.some') },
        ]}
      />
      {scope === 'some' && (
        <fieldset class="choice token-actions" aria-label={t('tokens.what')}>
          {offered.map((action) => (
            <label key={action}>
              <input
                type="checkbox"
                name="action"
                value={action}
                checked={actions.includes(action)}
                onChange={(event) => tick(action, event.currentTarget.checked)}
              />
              <span>{t(`may.${action}`)}</span>
            </label>
          ))}
        </fieldset>
      )}
      <label>
        <span>{t('tokens.machines')}</span>
        <input
          name="machines"
          autocomplete="off"
          autocapitalize="off"
          spellcheck={false}
          maxLength={4096}
          placeholder="lab:web-*, lab:db"
          aria-describedby="token-machines-hint"
        />
        <small id="token-machines-hint" class="quiet">
          {t('tokens.machinesHint')}
        </small>
      </label>
      <label>
        <span>{t('tokens.expiry')}</span>
        <select
          name="life"
          value={life}
          onChange={(event) => setLife(event.currentTarget.value as TokenLife)}
        >
          {LIVES.map((value) => (
            <option key={value} value={value}>
              {t(`tokens.${value}`)}
            </option>
          ))}
        </select>
      </label>
      <div role="alert">{fault && <Fault code={fault} />}</div>
      <div class="actions">
        <button type="button" onClick={onCancel}>
          {t('account.cancel')}
        </button>
        <button
          type="submit"
          class="primary"
          data-testid="token-make"
          disabled={busy || (scope === 'some' && actions.length === 0)}
        >
          {t('tokens.make')}
        </button>
      </div>
    </form>
  );
}
