import { render } from 'preact';
import type { PortalView } from './portal/portal-page.tsx';
import { takeLaunchKey } from './console/launch-key.ts';
import { PreferencesProvider } from './preferences/preferences-context.tsx';

const root = document.getElementById('app');
if (root === null) throw new Error('index.html has no #app');

const VIEWS: Readonly<Record<string, PortalView>> = {
  '/': 'machines',
  '/account': 'account',
  '/audit': 'audit',
};
const view = VIEWS[location.pathname];

const id = /^\/console\/([^/]+)\/?$/.exec(location.pathname)?.[1];
if (id !== undefined) {
  const key = takeLaunchKey();
  const { ConsolePage } = await import('./console/console-page.tsx');
  render(
    <PreferencesProvider>
      <ConsolePage id={decodeURIComponent(id)} launchKey={key} />
    </PreferencesProvider>,
    root,
  );
} else if (location.pathname === '/refused') {
  const { RefusedPage } = await import('./portal/refused-page.tsx');
  render(
    <PreferencesProvider>
      <RefusedPage said={location.hash.slice(1)} signIn={location.search === '?sign-in'} />
    </PreferencesProvider>,
    root,
  );
} else if (location.pathname === '/api/docs') {
  const { DocsPage } = await import('./docs/docs-page.tsx');
  render(
    <PreferencesProvider>
      <DocsPage />
    </PreferencesProvider>,
    root,
  );
} else if (view === undefined) {
  const { LostPage } = await import('./portal/lost-page.tsx');
  render(
    <PreferencesProvider>
      <LostPage />
    </PreferencesProvider>,
    root,
  );
} else {
  const { PortalPage } = await import('./portal/portal-page.tsx');
  render(
    <PreferencesProvider>
      <PortalPage view={view} />
    </PreferencesProvider>,
    root,
  );
}
