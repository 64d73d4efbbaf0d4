import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { type Combination, press } from '../input/combination.ts';
import { KEYSYM } from '../input/keysym.ts';
import { OnScreenKeyboard } from '../input/on-screen-keyboard.tsx';
import { TextInput } from '../input/text-input.tsx';
import { HardwareDialog } from '../machine/hardware-dialog.tsx';
import { PowerDialog } from '../machine/power-dialog.tsx';
import { SideMenu } from '../menu/side-menu.tsx';
import { usePreferences } from '../preferences/preferences-context.tsx';
import { ControlBar } from '../sharing/control-bar.tsx';
import { ShareDialog } from '../sharing/share-dialog.tsx';
import { useControl } from '../sharing/use-control.ts';
import { WatchBar } from '../sharing/watch-bar.tsx';
import { Announcer } from './announcer.tsx';
import { CloseDialog } from './close-dialog.tsx';
import { EdgeBar } from './edge-bar.tsx';
import { Notices } from './notices.tsx';
import { mayShare, mayTell, mayType } from './participants.ts';
import { isLive } from './page-state.ts';
import { Screen } from './screen.tsx';
import { useClipboard } from './use-clipboard.ts';
import { useConsole } from './use-console.ts';
import { useControls } from './use-controls.ts';
import { useExtend } from './use-extend.ts';
import { useHost } from './use-host.ts';
import { useInput } from './use-input.ts';

export function ConsolePage({ id, launchKey }: { id: string; launchKey: string | null }) {
  const { preferences, choose, timezone } = usePreferences();
  const { page, display, session } = useConsole(id, launchKey, {
    timezone,
    guestName: preferences.guestName,
  });
  const [open, setOpen] = useState<'menu' | 'close' | 'share' | 'power' | 'hardware' | null>(null);
  const screen = useRef<HTMLDivElement>(null);
  const field = useRef<HTMLTextAreaElement>(null);
  const clipboard = useClipboard(display);
  const live = isLive(page.phase);
  const active = live && mayType(page);

  const toggleMenu = useCallback(() => setOpen((now) => (now === 'menu' ? null : 'menu')), []);
  const input = useInput({ display, screen, active: active && open === null, toggleMenu });
  const sendKey = useCallback(
    (pressed: boolean, keysym: number) => display.sendKey(pressed, keysym),
    [display],
  );
  const send = useCallback(
    (combination: Combination) => {
      input.releaseKeys();
      press(combination, sendKey);
    },
    [input, sendKey],
  );
  const extend = useExtend(session);
  const control = useControl(session);
  const tells = mayTell(page);
  const { controls, follow } = useControls(session, tells && open === 'menu');
  // Any input keeps the console; a key that is let go and was not down does nothing else.
  const stir = useCallback(() => display.sendKey(false, KEYSYM.shift), [display]);
  const back = useCallback(() => setOpen(null), []);
  const focusInput = () => (field.current ?? screen.current)?.focus({ preventScroll: true });
  const disconnect = useCallback(() => {
    back();
    session.dispatch({ type: 'disconnect-asked' });
  }, [back, session]);

  // After the dialog's own effect: a closing dialog gives the focus back to whatever opened it.
  useEffect(() => {
    if (open !== 'menu') clipboard.commit();
    if (open === null && live) focusInput();
  }, [open, live, active, preferences.inputMethod]);

  useHost(id, page, session, focusInput);

  const name = page.console?.machineName;
  useEffect(() => {
    document.title = name === undefined ? 'Rackside' : `${name} – Rackside`;
  }, [name]);

  return (
    <div class="console" data-bar={preferences.barCollapsed ? 'collapsed' : 'shown'}>
      <EdgeBar
        page={page}
        active={active}
        extend={extend}
        onExtend={() => {
          extend.run();
          focusInput();
        }}
        onSend={(combination) => {
          send(combination);
          focusInput();
        }}
        onMenu={toggleMenu}
        onShare={() => setOpen('share')}
        onClose={() => setOpen('close')}
      />
      <div class="below-bar">
        <WatchBar page={page} control={control} />
        <ControlBar page={page} control={control} />
      </div>
      <Screen page={page} display={display} input={input} session={session} surface={screen}>
        <Notices page={page} extend={extend} active={active && open === null} onStir={stir} />
      </Screen>
      {preferences.inputMethod === 'text' && active && (
        <TextInput
          field={field}
          sendKey={sendKey}
          onDismiss={() => choose({ inputMethod: 'none' })}
        />
      )}
      {preferences.inputMethod === 'osk' && active && (
        <OnScreenKeyboard sendKey={sendKey} onDismiss={() => choose({ inputMethod: 'none' })} />
      )}
      <SideMenu
        open={open === 'menu'}
        page={page}
        active={active}
        clipboard={clipboard}
        extend={extend}
        controls={tells ? controls : null}
        onSend={send}
        onDisconnect={disconnect}
        onShare={() => setOpen('share')}
        onPower={() => setOpen('power')}
        onHardware={() => setOpen('hardware')}
        onClose={() => setOpen('close')}
        onDismiss={back}
      />
      <ShareDialog
        open={open === 'share' && mayShare(page)}
        page={page}
        session={session}
        control={control}
        onDismiss={back}
      />
      {tells && controls && (
        <>
          <PowerDialog
            open={open === 'power'}
            name={name ?? ''}
            controls={controls}
            calls={session.machine}
            onTold={follow}
            onDismiss={back}
          />
          <HardwareDialog
            open={open === 'hardware'}
            name={name ?? ''}
            controls={controls}
            calls={session.machine}
            onDismiss={back}
          />
        </>
      )}
      <CloseDialog
        open={open === 'close'}
        machine={name ?? ''}
        close={() => session.close()}
        onDismiss={back}
      />
      <Announcer page={page} />
    </div>
  );
}
