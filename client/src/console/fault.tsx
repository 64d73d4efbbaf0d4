import type { FaultCode } from '../api/fault-code.ts';
import { usePreferences } from '../preferences/preferences-context.tsx';

/** What went wrong, as a sentence; the stable code beside it for whoever reports or tests it. */
export function Fault({ code }: { code: FaultCode }) {
  const { t } = usePreferences();
  return (
    <p class="fault" data-testid="fault" data-code={code}>
      {t(`error.${code}`)}
    </p>
  );
}
