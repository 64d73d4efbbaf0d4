import { useFullScreen } from '../console/use-full-screen.ts';
import { usePreferences } from '../preferences/preferences-context.tsx';
import { Choice } from './choice.tsx';

export function ZoomSection() {
  const { t, preferences, choose } = usePreferences();
  const fullScreen = useFullScreen();
  return (
    <>
      <Choice
        name="zoom"
        legend={t('menu.zoom')}
        value={preferences.zoom}
        onChoose={(zoom) => choose({ zoom })}
        options={[
          { value: 'fit', label: t('menu.zoomFit') },
          { value: 'actual', label: t('menu.zoomActual') },
        ]}
      />
      {fullScreen.possible && (
        <button type="button" onClick={fullScreen.toggle}>
          {t(fullScreen.on ? 'bar.leaveFullScreen' : 'bar.fullScreen')}
        </button>
      )}
    </>
  );
}
