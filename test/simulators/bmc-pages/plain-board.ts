import {
  type BmcPages,
  type BmcSite,
  NOT_FOUND,
  type SiteAnswer,
  type SiteRequest,
  redirect,
} from './bmc-site.ts';
import { CLINGING, consolePage } from './console-page.ts';

const COOKIE = 'BOARDSID';

/** How a driver `form` is told to walk through it. */
export const BOARD_FORM = {
  loginPath: '/login',
  username: '#user',
  password: '#pass',
  submit: '#go',
  signedIn: '#menu',
  refused: '#wrong',
  consolePath: '/console',
  shown: '#kvm',
  logoutPath: '/logout',
} as const;

/** A board of nobody in particular: a form, a cookie, a menu, a console. */
export function plainBoard(site: BmcSite): BmcPages {
  const isSignedIn = ({ cookies }: SiteRequest) => site.sessions.has(cookies[COOKIE] ?? '');
  return {
    mayConnect: (request) => request.path === '/kvm' && isSignedIn(request),
    async answer(request): Promise<SiteAnswer> {
      const { method, path } = request;
      if (path === '/login' && method === 'POST') return signIn(site, request);
      if (path === '/login') return { body: loginPage(site) };
      if (path === '/popped') return { body: page('<style>body{background:#008000}</style>') };
      if (path === '/' || !isSignedIn(request)) return redirect('/login');
      if (path === '/menu') return { body: page('<div id="menu">Menu</div>') };
      if (path === '/console') return { body: boardConsole(site) };
      if (path === '/logout') {
        site.sessions.delete(request.cookies[COOKIE] ?? '');
        return redirect('/login');
      }
      return NOT_FOUND;
    },
  };
}

async function signIn(site: BmcSite, { headers, body }: SiteRequest): Promise<SiteAnswer> {
  if (headers['content-type'] !== 'application/x-www-form-urlencoded') return { status: 415 };
  const fields = new URLSearchParams(body);
  const outcome = site.login(fields.get('user'), fields.get('pass'));
  if (typeof outcome === 'string') return { status: 401, body: page('<p id="wrong">No.</p>') };
  const cookie = `${COOKIE}=${outcome.token}; Path=/; Secure; HttpOnly`;
  return redirect('/menu', { 'set-cookie': cookie });
}

function loginPage(site: BmcSite): string {
  const field = site.faults.has('changed') ? 'user-new' : 'user';
  const script = SCRIPTS.filter(([fault]) => site.faults.has(fault)).map(([, text]) => text);
  return page(`<form method="post" action="/login"><input id="${field}" name="user" value="${site.username}">
    <input id="pass" name="pass" type="password"><button id="go">Sign in</button></form>
    <script>${script.join(';')}</script>`);
}

const SCRIPTS = [
  ['redirect', "location.href = 'https://elsewhere.example/login'"],
  [
    'popup',
    "document.getElementById('go').onclick = () => open('https://elsewhere.example/', '_blank')",
  ],
  ['own-popup', "document.onclick = () => open('/popped', '_blank')"],
  ['dialog', "addEventListener('load', () => confirm('Take over?'))"],
] as const;

function boardConsole(site: BmcSite): string {
  if (site.consolesFull) return page('<p id="full">In use.</p>');
  return consolePage({ socket: '/kvm', script: site.faults.has('clinging') ? CLINGING : '' });
}

function page(body: string): string {
  return `<!DOCTYPE html><title>Board</title><body>${body}</body>`;
}
