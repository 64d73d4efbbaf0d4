import { randomBytes } from 'node:crypto';
import { logBook } from '../../support/log-book.ts';
import {
  type BmcPages,
  type BmcSite,
  NOT_FOUND,
  type SiteAnswer,
  type SiteRequest,
} from './bmc-site.ts';
import { consolePage } from './console-page.ts';

const COOKIE = 'QSESSIONID';

/** AMI's MegaRAC SP-X: each call needs the session's cookie and its token against forgery. */
export function megarac(site: BmcSite): BmcPages {
  const csrf = new Map<string, string>();
  const tokens = new Set<string>();
  const isSignedIn = ({ cookies, headers }: SiteRequest) => {
    const session = cookies[COOKIE] ?? '';
    return site.sessions.has(session) && csrf.get(session) === headers['x-csrftoken'];
  };
  return {
    mayConnect: ({ path, cookies, query }) =>
      path === '/kvm' &&
      site.sessions.has(cookies[COOKIE] ?? '') &&
      tokens.delete(query.get('token') ?? ''),
    async answer(request): Promise<SiteAnswer> {
      const { method, path, cookies } = request;
      if (path === '/viewer.html') return { body: viewerPage(site) };
      if (path === '/api/session' && method === 'POST') {
        const fields = new URLSearchParams(request.body);
        const outcome = site.login(fields.get('username'), fields.get('password'));
        if (outcome === 'full')
          return { status: 503, body: { error: 'Maximum sessions', code: 15_000 } };
        if (outcome === 'locked') {
          return { status: 401, body: { error: 'User account is locked' } };
        }
        if (typeof outcome === 'string') {
          return { status: 401, body: { error: 'Invalid Authentication', code: 7 } };
        }
        const token = logBook.secret(randomBytes(8).toString('hex'));
        csrf.set(outcome.token, token);
        const cookie = `${COOKIE}=${outcome.token}; Path=/; Secure; HttpOnly`;
        return { headers: { 'set-cookie': cookie }, body: { ok: 0, CSRFToken: token } };
      }
      if (!path.startsWith('/api/')) return NOT_FOUND;
      if (!isSignedIn(request)) return { status: 401, body: { error: 'Unauthorized' } };
      if (path === '/api/session' && method === 'DELETE') {
        site.sessions.delete(cookies[COOKIE] ?? '');
        return { body: { ok: 0 } };
      }
      if (path !== '/api/kvm/token') return NOT_FOUND;
      if (site.faults.has('licence')) return { status: 403, body: { error: 'No licence' } };
      if (site.consolesFull) return { status: 503, body: { error: 'KVM sessions are full' } };
      const token = logBook.secret(randomBytes(8).toString('hex'));
      tokens.add(token);
      return { body: { client_ip: '127.0.0.1', token, session: 'kvm' } };
    },
  };
}

/** What a page has to know it finds in its session's storage. */
function viewerPage(site: BmcSite): string {
  const page = consolePage({
    socket: '/kvm?token=',
    canvas: site.faults.has('changed') ? 'x' : 'kvm',
  });
  return page.replace(
    '"/kvm?token="',
    '"/kvm?token=" + (sessionStorage.garc ? JSON.parse(sessionStorage.token || "{}").token : "")',
  );
}
