import { usePreferences } from '../preferences/preferences-context.tsx';
import { Logo } from '../styles/logo.tsx';

/** What a guest sees while the holder, whose connection they join, is not there. */
export function AbsentCard({ user }: { user: string }) {
  const { t } = usePreferences();
  return (
    <section class="card progress" data-tone="calm" data-testid="absent">
      <Logo />
      <h2>{t('watch.absent', { user })}</h2>
      <p>{t('watch.absentText', { user })}</p>
    </section>
  );
}
