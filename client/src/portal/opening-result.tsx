import type { FaultCode } from '../api/fault-code.ts';
import { Fault } from '../console/fault.tsx';
import { usePreferences } from '../preferences/preferences-context.tsx';
import type { Opening } from './open-in-tab.ts';

/** What a row says when no console came of it, or not in a tab of its own. */
export type RowResult = Opening | { readonly fault: FaultCode } | null;

export function OpeningResult({ result }: { result: RowResult }) {
  const { t } = usePreferences();
  if (result === null || 'opened' in result) return null;
  if ('fault' in result) {
    return (
      <div class="machine-result" role="alert">
        <Fault code={result.fault} />
      </div>
    );
  }
  return (
    <p class="machine-result" role="alert">
      {t('portal.blocked')}{' '}
      <a href={result.blocked} target="_blank" rel="noopener">
        {t('portal.openHere')}
      </a>
    </p>
  );
}
