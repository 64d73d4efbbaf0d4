import { useCallback, useEffect, useState } from 'preact/hooks';
import type { SessionView } from '../../../server/contract/index.ts';
import { type FaultCode, faultOf } from '../api/fault-code.ts';
import { accountApi } from '../api/account-api.ts';
import { Fault } from '../console/fault.tsx';
import { usePreferences } from '../preferences/preferences-context.tsx';
import { browserName } from './browser-name.ts';

/** Where the person is signed in. Ending the session of this very browser is what Sign out is for. */
export function SessionsSection() {
  const { t, time } = usePreferences();
  const [sessions, setSessions] = useState<readonly SessionView[] | null>(null);
  const [fault, setFault] = useState<FaultCode | null>(null);

  const load = useCallback(() => {
    accountApi.sessions().then(setSessions, (error: unknown) => setFault(faultOf(error)));
  }, []);
  useEffect(load, [load]);
  const after = (ended: Promise<void>) => {
    setFault(null);
    // Also after a refusal: what was refused may be gone already.
    ended.catch((error: unknown) => setFault(faultOf(error))).finally(load);
  };

  return (
    <section class="account-section" data-testid="sessions">
      <h2>{t('account.sessions')}</h2>
      {fault && <Fault code={fault} />}
      <ul class="account-list">
        {sessions?.map((session) => {
          const { id, current, address, userAgent, createdAt, lastSeenAt } = session;
          const name = browserName(userAgent) ?? t('account.unknownBrowser');
          return (
            <li key={id} data-session={id} data-current={current}>
              <div>
                <strong title={userAgent}>{name}</strong>
                <small>
                  {address}
                  {' · '}
                  {t('account.since', { time: time(new Date(createdAt)) })}
                  {' · '}
                  {current
                    ? t('account.thisBrowser')
                    : t('account.lastSeen', { time: time(new Date(lastSeenAt)) })}
                </small>
              </div>
              {!current && (
                <button
                  type="button"
                  data-testid="end-session"
                  aria-label={t('account.endThis', { browser: name, address })}
                  onClick={() => after(accountApi.endSession(id))}
                >
                  {t('portal.signOut')}
                </button>
              )}
            </li>
          );
        })}
      </ul>
      {(sessions?.length ?? 0) > 1 && (
        <div class="actions">
          <button
            type="button"
            data-testid="end-others"
            onClick={() => after(accountApi.endOtherSessions())}
          >
            {t('account.endOthers')}
          </button>
        </div>
      )}
    </section>
  );
}
