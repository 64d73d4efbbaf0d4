import { randomBytes } from 'node:crypto';
import {
  type BmcPages,
  type BmcSite,
  NOT_FOUND,
  type SiteAnswer,
  type SiteRequest,
} from './bmc-site.ts';
import { consolePage } from './console-page.ts';
import { RedfishSessions, refusal } from './redfish-sessions.ts';

const IKVM = '/redfish/v1/Managers/1/Oem/Supermicro/IKVM';
const COOKIE = 'SID';

/** Supermicro's X11, with Redfish's address of the console or with its web pages alone. */
export function supermicro(way: 'redfish' | 'pages' | 'java') {
  return (site: BmcSite): BmcPages => {
    const redfish = new RedfishSessions(site);
    const uris = new Set<string>();
    const keys = new Set<string>();
    const isSignedIn = ({ cookies }: SiteRequest) => site.sessions.has(cookies[COOKIE] ?? '');
    const opened = (): SiteAnswer => {
      const key = randomBytes(8).toString('hex');
      keys.add(key);
      return { body: consolePage({ canvas: 'noVNC_canvas', socket: `/kvm?key=${key}` }) };
    };
    return {
      mayConnect: ({ path, query }) => path === '/kvm' && keys.delete(query.get('key') ?? ''),
      async answer(request): Promise<SiteAnswer> {
        const { method, path, query } = request;
        if (way !== 'pages') {
          const found = await redfish.answer(request);
          if (found) return found;
          if (path === IKVM) {
            if (!redfish.isSignedIn(request)) return refusal(401, 'NoValidSession');
            if (way === 'java') return { body: { 'Current interface': 'JAVA plug-in' } };
            const URI = `/redfish/${randomBytes(8).toString('hex')}.IKVM`;
            uris.add(URI);
            return { body: { 'Current interface': 'HTML 5', URI } };
          }
          if (uris.delete(path)) return opened();
        }
        if (path === '/cgi/login.cgi' && method === 'POST') return signIn(site, request);
        if (path === '/cgi/logout.cgi') {
          site.sessions.delete(request.cookies[COOKIE] ?? '');
          return { body: '<!DOCTYPE html>' };
        }
        if (path !== '/cgi/url_redirect.cgi') return NOT_FOUND;
        if (!isSignedIn(request)) return { body: '<!DOCTYPE html><p>Session timed out</p>' };
        const name = query.get('url_name');
        return name === 'man_ikvm_html5_bootstrap' ? opened() : NOT_FOUND;
      },
    };
  };
}

async function signIn(site: BmcSite, { headers, body }: SiteRequest): Promise<SiteAnswer> {
  if (headers['content-type'] !== 'application/x-www-form-urlencoded') return { status: 415 };
  const fields = new URLSearchParams(body);
  const outcome = site.login(fields.get('name'), fields.get('pwd'));
  if (typeof outcome === 'string') {
    return {
      headers: { 'set-cookie': `${COOKIE}=; Path=/` },
      body: "<!DOCTYPE html><script>alert('Invalid username or password')</script>",
    };
  }
  const cookie = `${COOKIE}=${outcome.token}; Path=/; Secure; HttpOnly`;
  return { headers: { 'set-cookie': cookie }, body: '<!DOCTYPE html>' };
}
