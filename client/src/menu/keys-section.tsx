import { COMBINATIONS, type Combination, CONSOLE_SWITCHES } from '../input/combination.ts';
import { usePreferences } from '../preferences/preferences-context.tsx';

interface Props {
  readonly disabled: boolean;
  readonly onSend: (combination: Combination) => void;
}

export function KeysSection({ disabled, onSend }: Props) {
  const { t } = usePreferences();
  const button = (combination: Combination) => (
    <button
      key={combination.id}
      type="button"
      data-combination={combination.id}
      disabled={disabled}
      onClick={() => onSend(combination)}
    >
      {combination.label}
    </button>
  );
  return (
    <section aria-labelledby="menu-keys">
      <h3 id="menu-keys">{t('menu.keys')}</h3>
      <div class="keys">{COMBINATIONS.map(button)}</div>
      <h4 id="menu-switches">{t('menu.consoleSwitches')}</h4>
      <div class="keys keys-f" role="group" aria-labelledby="menu-switches">
        {CONSOLE_SWITCHES.map(button)}
      </div>
    </section>
  );
}
