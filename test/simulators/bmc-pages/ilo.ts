import {
  type BmcPages,
  type BmcSite,
  NOT_FOUND,
  type SiteAnswer,
  type SiteRequest,
} from './bmc-site.ts';
import { CLINGING, consolePage } from './console-page.ts';
import { RedfishSessions } from './redfish-sessions.ts';

const COOKIE = 'sessionKey';

/** HPE's iLO 5, with a page for the sign-in, or its iLO 6, whose console's page asks itself. */
export function ilo(generation: 5 | 6) {
  return (site: BmcSite): BmcPages => {
    const redfish = new RedfishSessions(site);
    const isSignedIn = ({ cookies }: SiteRequest) => site.sessions.has(cookies[COOKIE] ?? '');
    return {
      mayConnect: (request) => request.path === '/wss/ircport' && isSignedIn(request),
      async answer(request): Promise<SiteAnswer> {
        const { method, path } = request;
        const found = await redfish.answer(request);
        if (found) return found;
        if (path === '/redfish/v1/') {
          const Manager = [{ ManagerType: `iLO ${generation}` }];
          return { body: { RedfishVersion: '1.6.0', Oem: { Hpe: { Manager } } } };
        }
        if (path === '/json/login_session' && method === 'POST') return session(site, request);
        if (path === '/html/login.html' && generation === 5) return { body: loginPage(site, '') };
        if (path === '/js/iLO.js') return { body: '' };
        if (path !== '/irc.html') return NOT_FOUND;
        if (isSignedIn(request)) {
          const script = site.faults.has('clinging') ? CLINGING : '';
          return { body: consolePage({ socket: '/wss/ircport', script }) };
        }
        if (generation === 5) return { status: 403, body: '<!DOCTYPE html><p>Forbidden</p>' };
        return { body: loginPage(site, 'location.reload()') };
      },
    };
  };
}

async function session(
  site: BmcSite,
  { headers, body, cookies }: SiteRequest,
): Promise<SiteAnswer> {
  if (headers['content-type'] !== 'application/json') return { status: 415, body: {} };
  const given = JSON.parse(body) as Record<string, unknown>;
  if (given['method'] === 'logout') {
    if (cookies[COOKIE] !== given['session_key']) return { status: 403, body: {} };
    site.sessions.delete(String(given['session_key']));
    return { body: {} };
  }
  const outcome = site.login(given['user_login'], given['password']);
  if (typeof outcome === 'string') {
    return { status: 403, body: { message: 'JS_ERR_NO_PRIV', details: 'Invalid login attempt' } };
  }
  const cookie = `${COOKIE}=${outcome.token}; Path=/; Secure`;
  return { headers: { 'set-cookie': cookie }, body: { session_key: outcome.token } };
}

/** Its fields are disabled until its script has come. */
function loginPage(site: BmcSite, afterwards: string): string {
  const id = site.faults.has('changed') ? 'username-new' : 'username';
  return `<!DOCTYPE html><title>iLO</title><body>
  <input id="${id}" disabled><input id="password" type="password" disabled>
  <button id="login-form__submit" disabled>Log In</button>
  <script>
    const [user, password, button] = document.querySelectorAll('input, button');
    fetch('/js/iLO.js').then(() => {
      for (const field of [user, password, button]) field.disabled = false;
    });
    button.onclick = async () => {
      const body = JSON.stringify({ method: 'login', user_login: user.value, password: password.value });
      const headers = { 'content-type': 'application/json' };
      const answer = await fetch('/json/login_session', { method: 'POST', headers, body });
      if (answer.ok) { ${afterwards} }
    };
  </script></body>`;
}
