import type { ConsoleKind } from '../../../server/contract/index.ts';
import { type Combination, offerOf } from '../input/combination.ts';
import { usePreferences } from '../preferences/preferences-context.tsx';

interface Props {
  readonly kind: ConsoleKind;
  readonly disabled: boolean;
  readonly onSend: (combination: Combination) => void;
}

export function KeysSection({ kind, disabled, onSend }: Props) {
  const { t, keys } = usePreferences();
  const { combinations, functions, withCtrlAlt } = offerOf(kind);
  const button = (combination: Combination, label: string) => (
    <button
      key={combination.id}
      type="button"
      data-combination={combination.id}
      disabled={disabled}
      onClick={() => onSend(combination)}
    >
      {label}
    </button>
  );
  return (
    <section aria-labelledby="menu-keys">
      <h3 id="menu-keys">{t('menu.keys')}</h3>
      <div class="keys">
        {combinations.map((combination) => button(combination, keys(combination.keys)))}
      </div>
      {functions.length > 0 && (
        <>
          <h4 id="menu-functions">
            {t(withCtrlAlt ? 'menu.consoleSwitches' : 'menu.functionKeys')}
          </h4>
          <div class="keys keys-f" role="group" aria-labelledby="menu-functions">
            {functions.map((combination) => button(combination, keys(combination.keys.slice(-1))))}
          </div>
        </>
      )}
    </section>
  );
}
