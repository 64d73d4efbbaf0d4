import { ChevronUp, ChevronDown, Eye, Maximize, Menu, Minimize, X } from 'lucide-preact';
import { keyInitials } from '../i18n/key-names.ts';
import { type Combination, offerOf } from '../input/combination.ts';
import { usePreferences } from '../preferences/preferences-context.tsx';
import { Logo } from '../styles/logo.tsx';
import { WatchingButton } from '../sharing/watching-button.tsx';
import { ExtendButton } from './extend-button.tsx';
import type { Page } from './page-state.ts';
import { mayEverType } from './participants.ts';
import { stateWords } from './state-words.ts';
import { TimeLeft } from './time-left.tsx';
import type { Extend } from './use-extend.ts';
import { useFullScreen } from './use-full-screen.ts';

interface Props {
  readonly page: Page;
  /** Whether the machine takes input now. */
  readonly active: boolean;
  readonly extend: Extend;
  readonly onExtend: () => void;
  readonly onSend: (combination: Combination) => void;
  readonly onMenu: () => void;
  readonly onShare: () => void;
  readonly onClose: () => void;
}

/** What one types next is for the machine, not for the button that a mouse or a finger pressed. */
const keepFocus = (event: Event) => event.preventDefault();

/** The slim bar at the window's edge: what is looked at, how it is, how long yet, and the way out. */
export function EdgeBar({ page, active, extend, ...actions }: Props) {
  const { onExtend, onSend, onMenu, onShare, onClose } = actions;
  const { t, keys, language, preferences, choose } = usePreferences();
  const fullScreen = useFullScreen();
  const { console, phase } = page;
  const collapsed = preferences.barCollapsed;
  const { first } = offerOf(console?.kind ?? 'vnc');
  const sends = t('bar.send', { keys: keys(first.keys) });
  const state = t(stateWords(page));
  return (
    <header class="bar" aria-label={t('bar.label')}>
      <Logo />
      <div class="bar-machine">
        <h1 title={console?.machineName}>{console?.machineName ?? 'Rackside'}</h1>
        {console && (
          <small class="machine-id" data-testid="machine-id" title={console.machine}>
            {console.machine}
          </small>
        )}
      </div>
      {console && <span class="bar-kind">{t(`kind.${console.kind}`)}</span>}
      <span class="bar-state" data-testid="console-state" data-state={phase.name} title={state}>
        <span class="bar-state-words">{state}</span>
      </span>
      {(console?.readOnly || page.viewer?.readOnly) && (
        <span class="bar-badge" title={t('bar.viewOnly')}>
          <Eye aria-hidden="true" />
          <span class="bar-badge-words">{t('bar.viewOnly')}</span>
        </span>
      )}
      <span class="bar-space" />
      <WatchingButton page={page} onShare={onShare} />
      {phase.name !== 'ended' && <TimeLeft page={page} />}
      <ExtendButton page={page} extend={extend} onExtend={onExtend} />
      {mayEverType(page) && (
        <button
          type="button"
          class="bar-keys"
          data-testid={first.id}
          disabled={!active}
          title={sends}
          aria-label={sends}
          onClick={() => onSend(first)}
        >
          <span class="bar-keys-long">{keys(first.keys)}</span>
          <span class="bar-keys-short">{keyInitials(first.keys, language)}</span>
        </button>
      )}
      {fullScreen.possible && (
        <button
          type="button"
          class="bar-icon bar-full-screen"
          data-testid="full-screen"
          title={t(fullScreen.on ? 'bar.leaveFullScreen' : 'bar.fullScreen')}
          aria-label={t(fullScreen.on ? 'bar.leaveFullScreen' : 'bar.fullScreen')}
          onMouseDown={keepFocus}
          onClick={fullScreen.toggle}
        >
          {fullScreen.on ? <Minimize aria-hidden="true" /> : <Maximize aria-hidden="true" />}
        </button>
      )}
      <button
        type="button"
        class="bar-menu"
        data-testid="menu-handle"
        aria-haspopup="dialog"
        title={t('bar.menuShortcut')}
        onClick={onMenu}
      >
        <Menu aria-hidden="true" />
        <span class="visually-hidden">{t('bar.menu')}</span>
        <kbd>{keys(['ctrl', 'alt', 'shift'])}</kbd>
      </button>
      {page.viewer === null && (
        <button
          type="button"
          class="bar-icon bar-close"
          data-testid="close-session"
          disabled={console === null || phase.name === 'ended'}
          title={t('bar.close')}
          aria-label={t('bar.close')}
          onClick={onClose}
        >
          <X aria-hidden="true" />
        </button>
      )}
      <button
        type="button"
        class="bar-icon bar-collapse"
        data-testid="bar-collapse"
        aria-expanded={!collapsed}
        title={t(collapsed ? 'bar.expand' : 'bar.collapse')}
        aria-label={t(collapsed ? 'bar.expand' : 'bar.collapse')}
        onMouseDown={keepFocus}
        onClick={() => choose({ barCollapsed: !collapsed })}
      >
        {collapsed ? <ChevronDown aria-hidden="true" /> : <ChevronUp aria-hidden="true" />}
      </button>
    </header>
  );
}
