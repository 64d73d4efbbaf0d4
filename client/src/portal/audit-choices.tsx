import { AUDIT_ACTIONS } from '../../../server/contract/index.ts';
import { usePreferences } from '../preferences/preferences-context.tsx';
import { ALL, type AuditFilter, PERIODS, type Period } from './audit-filter.ts';

interface Props {
  readonly chosen: AuditFilter;
  readonly onChoose: (change: Partial<AuditFilter>) => void;
}

const TEXTS = ['who', 'machine', 'console'] as const;

/** What the list is limited to. */
export function AuditChoices({ chosen, onChoose }: Props) {
  const { t } = usePreferences();
  const periods = Object.keys(PERIODS) as Period[];
  const select = (
    name: 'action' | 'result' | 'since',
    options: readonly { readonly value: string; readonly words: string }[],
  ) => (
    <label key={name}>
      <span>{t(`audit.${name}`)}</span>
      <select
        name={name}
        value={chosen[name]}
        onChange={(event) => onChoose({ [name]: event.currentTarget.value })}
      >
        <option value="">{t('audit.any')}</option>
        {options.map(({ value, words }) => (
          <option key={value} value={value}>
            {words}
          </option>
        ))}
      </select>
    </label>
  );
  return (
    <form class="audit-choices" onSubmit={(event) => event.preventDefault()}>
      {TEXTS.map((name) => (
        <label key={name}>
          <span>{t(`audit.${name}`)}</span>
          <input
            name={name}
            type="search"
            autocomplete="off"
            spellcheck={false}
            maxLength={200}
            value={chosen[name]}
            onInput={(event) => onChoose({ [name]: event.currentTarget.value.trim() })}
          />
        </label>
      ))}
      {select(
        'action',
        AUDIT_ACTIONS.map((value) => ({ value, words: t(`action.${value}`) })),
      )}
      {select('result', [
        { value: 'ok', words: t('audit.ok') },
        { value: 'refused', words: t('audit.refused') },
      ])}
      {select(
        'since',
        periods.map((value) => ({ value, words: t(`period.${value}`) })),
      )}
      {Object.values(chosen).some((value) => value !== '') && (
        <button type="button" data-testid="clear" onClick={() => onChoose(ALL)}>
          {t('audit.clear')}
        </button>
      )}
    </form>
  );
}
