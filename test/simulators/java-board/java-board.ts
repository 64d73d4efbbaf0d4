import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { type AddressInfo, type Server, type Socket, createServer } from 'node:net';
import { createInterface } from 'node:readline';
import { logBook } from '../../support/log-book.ts';
import {
  type BmcPages,
  BmcSite,
  type InputSeen,
  NOT_FOUND,
  type SiteAnswer,
  type SiteRequest,
} from '../bmc-pages/bmc-site.ts';
import { viewerJars } from './viewer-jar.ts';

/** `aten`: Supermicro up to X10. `ami`: a cookie that its page's JavaScript sets, a file to be filled in. */
export type BoardStyle = 'aten' | 'ami';

export interface JavaBoardOptions {
  readonly style?: BoardStyle;
  readonly socket?: 'nio' | 'io';
  /** What its program tries to reach besides, `host/port` each. */
  readonly elsewhere?: readonly string[];
}

/** What such a board may do otherwise than it should. */
export type JavaFault = 'unsigned' | 'packed' | 'no-archive' | 'no-jnlp';

interface Style {
  readonly login: string;
  readonly logout: string;
  readonly fields: readonly [string, string];
  readonly cookie: string;
  readonly jnlp: string;
  readonly archive: string;
}

const STYLES: Readonly<Record<BoardStyle, Style>> = {
  aten: {
    ...{ login: '/cgi/login.cgi', logout: '/cgi/logout.cgi', fields: ['name', 'pwd'] },
    ...{ cookie: 'SID', jnlp: '/cgi/url_redirect.cgi', archive: '/iKVM__V1.69.21.0x0.jar' },
  },
  ami: {
    ...{ login: '/rpc/WEBSES/create.asp', logout: '/rpc/WEBSES/logout.asp' },
    fields: ['WEBVAR_USERNAME', 'WEBVAR_PASSWORD'],
    ...{ cookie: 'SessionCookie', jnlp: '/Java/jviewer.jnlp' },
    archive: '/Java/release/JViewer.jar',
  },
};

/**
 * An old board with a Java console, as nojava-ipmi-kvm expects one: TLS 1.0 and a certificate of that
 * time, a sign-in with a cookie, a JNLP file for whoever has it and comes from there, one session and one
 * console at a time, a viewer that calls with a token of its own.
 */
export class JavaBoard {
  readonly site: BmcSite;
  readonly faults = new Set<JavaFault>();
  /** Tokens of JNLP files that have been given and not used. */
  readonly #tokens = new Set<string>();
  readonly #viewers = new Set<Socket>();
  readonly #server: Server;

  private constructor(site: BmcSite, server: Server) {
    this.site = site;
    this.#server = server;
    site.mostSessions = 1;
    server.on('connection', (socket) => this.#connected(socket));
  }

  static async start(options: JavaBoardOptions = {}): Promise<JavaBoard> {
    await viewerJars();
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { style = 'aten' } = options;
    let board: JavaBoard | undefined;
    await BmcSite.start((site): BmcPages => {
      board = new JavaBoard(site, server);
      const pages = new Pages(board, STYLES[style], options);
      return { mayConnect: () => false, answer: (request) => pages.answer(request) };
    }, 'old');
    if (!board) throw new Error('a site has pages');
    return board;
  }

  /** Of its viewers. */
  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  get consoles(): number {
    return this.#viewers.size;
  }

  issueToken(): string {
    const token = logBook.secret(randomBytes(16).toString('hex'));
    this.#tokens.add(token);
    return token;
  }

  /** As a restart does: everybody is out. */
  restart(): void {
    this.site.restart();
    for (const viewer of this.#viewers) viewer.destroy();
  }

  async stop(): Promise<void> {
    for (const viewer of this.#viewers) viewer.destroy();
    this.#server.close();
    await this.site.stop();
  }

  #connected(socket: Socket): void {
    let welcome = false;
    socket.on('error', () => socket.destroy());
    socket.once('close', () => this.#viewers.delete(socket));
    createInterface(socket).on('line', (line) => {
      if (welcome) {
        this.site.inputs.push(JSON.parse(line) as InputSeen);
      } else if (this.#viewers.size < this.site.mostConsoles && this.#tokens.delete(line)) {
        welcome = true;
        this.#viewers.add(socket);
        socket.write('welcome\n');
      } else {
        socket.destroy();
      }
    });
  }
}

class Pages {
  readonly #board: JavaBoard;
  readonly #style: Style;
  readonly #options: JavaBoardOptions;

  constructor(board: JavaBoard, style: Style, options: JavaBoardOptions) {
    this.#board = board;
    this.#style = style;
    this.#options = options;
  }

  async answer(request: SiteRequest): Promise<SiteAnswer> {
    const { method, path } = request;
    const { login, logout, jnlp, archive, cookie } = this.#style;
    if (path === login && method === 'POST') return this.#signIn(request);
    if (path === archive || path === `${archive}.pack.gz`) return this.#archive(path);
    const { sessions, url } = this.#board.site;
    const isOurs = request.headers.referer === `${url}${login}`;
    if (!sessions.has(request.cookies[cookie] ?? '') || !isOurs) {
      return { body: '<!DOCTYPE html><p>Session timed out</p>' };
    }
    if (path === logout) {
      sessions.delete(request.cookies[cookie] ?? '');
      return { body: '' };
    }
    return path === jnlp && !this.#board.faults.has('no-jnlp') ? this.#jnlp() : NOT_FOUND;
  }

  async #signIn({ headers, body }: SiteRequest): Promise<SiteAnswer> {
    if (headers['content-type'] !== 'application/x-www-form-urlencoded') return { status: 415 };
    const { fields, cookie } = this.#style;
    const isAmi = this.#options.style === 'ami';
    const sent = new URLSearchParams(body);
    const outcome = this.#board.site.login(sent.get(fields[0]), sent.get(fields[1]));
    if (typeof outcome === 'string') {
      const why = outcome === 'full' ? 'Failure_Session_Creation' : 'Failure_Login_IPMI';
      if (isAmi) return { body: `WEBVAR_JSONVAR = { 'SESSION_COOKIE' : '${why}' };` };
      if (outcome === 'full') return { status: 503 };
      return { headers: { 'set-cookie': `${cookie}=; Path=/` }, body: '<!DOCTYPE html>' };
    }
    const { token } = outcome;
    if (isAmi) return { body: `WEBVAR_JSONVAR = { 'SESSION_COOKIE' : '${token}' };` };
    return {
      headers: { 'set-cookie': `${cookie}=${token}; Path=/; Secure` },
      body: '<!DOCTYPE html>',
    };
  }

  async #archive(path: string): Promise<SiteAnswer> {
    const { faults } = this.#board;
    const isPacked = path.endsWith('.pack.gz');
    if (faults.has('no-archive') || isPacked !== faults.has('packed')) return NOT_FOUND;
    const { signed, unsigned } = await viewerJars();
    const headers = { 'content-type': 'application/java-archive' };
    return { headers, body: faults.has('unsigned') ? unsigned : signed };
  }

  /** It calls itself by a name that nobody else knows, as boards do that were given one. */
  #jnlp(): SiteAnswer {
    const { style = 'aten', socket = 'nio', elsewhere = [] } = this.#options;
    const { port } = this.#board;
    const isAmi = style === 'ami';
    const codebase = isAmi ? '{base_url}/Java/' : 'https://board.example:443/';
    const archive = this.#style.archive.replace(isAmi ? '/Java/' : '/', '');
    const given = ['127.0.0.1', port, this.#board.issueToken(), socket, ...elsewhere];
    const session = isAmi ? '<property name="session" value="{session_key}"/>' : '';
    const body = `<?xml version="1.0" encoding="UTF-8"?>
<jnlp spec="1.0+" codebase="${codebase}" href="launch.jnlp">
  <information><title>Java iKVM Viewer</title><vendor>Board</vendor></information>
  <security><all-permissions/></security>
  <resources>
    <property name="jnlp.packEnabled" value="true"/>${session}
    <j2se version="1.6.0+" initial-heap-size="64M" max-heap-size="128M"/>
    <jar href="${archive}" download="eager" main="true"/>
  </resources>
  <resources os="Windows" arch="x86"><nativelib href="win_x86.jar"/></resources>
  <application-desc main-class="KvmViewer">
    ${given.map((each) => `<argument>${each}</argument>`).join('\n    ')}
  </application-desc>
</jnlp>
`;
    return { headers: { 'content-type': 'application/x-java-jnlp-file' }, body };
  }
}
