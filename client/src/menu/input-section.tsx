import { usePreferences } from '../preferences/preferences-context.tsx';
import { Choice } from './choice.tsx';

export function InputSection() {
  const { t, preferences, choose } = usePreferences();
  return (
    <>
      <Choice
        name="input-method"
        legend={t('menu.inputMethod')}
        value={preferences.inputMethod}
        onChoose={(inputMethod) => choose({ inputMethod })}
        options={[
          { value: 'none', label: t('menu.inputNone'), hint: t('menu.inputNoneHint') },
          { value: 'text', label: t('menu.inputText'), hint: t('menu.inputTextHint') },
          { value: 'osk', label: t('menu.inputOsk'), hint: t('menu.inputOskHint') },
        ]}
      />
      <Choice
        name="touch-mode"
        legend={t('menu.touch')}
        value={preferences.touchMode}
        onChoose={(touchMode) => choose({ touchMode })}
        options={[
          { value: 'touchscreen', label: t('menu.touchscreen'), hint: t('menu.touchscreenHint') },
          { value: 'touchpad', label: t('menu.touchpad'), hint: t('menu.touchpadHint') },
        ]}
      />
    </>
  );
}
