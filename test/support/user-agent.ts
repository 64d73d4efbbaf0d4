interface Cookie {
  readonly origin: string;
  readonly path: string;
  readonly name: string;
  readonly value: string;
}

/** What a browser does with cookies and redirections, for tests that want to see each step. */
export class UserAgent {
  #cookies: readonly Cookie[] = [];

  /** One request; a redirection is not followed. */
  async get(url: string, init: RequestInit = {}): Promise<Response> {
    const { origin, pathname } = new URL(url);
    const sent = this.#cookies
      .filter((cookie) => cookie.origin === origin && pathname.startsWith(cookie.path))
      .map(({ name, value }) => `${name}=${value}`);
    const headers = { accept: 'text/html,*/*;q=0.8', cookie: sent.join('; '), ...init.headers };
    const response = await fetch(url, { ...init, redirect: 'manual', headers });
    for (const line of response.headers.getSetCookie()) this.#set(origin, line);
    return response;
  }

  /** Goes where it is sent to, until something answers or it is led out of `home`. */
  async follow(
    start: string,
    home: string,
    init?: RequestInit,
  ): Promise<{ url: URL; html: string }> {
    let url = new URL(start);
    let response = await this.get(url.href, init);
    for (let hops = 0; hops < 10; hops += 1) {
      const location = response.headers.get('location');
      if (location === null) return { url, html: await response.text() };
      url = new URL(location, url);
      if (url.origin !== home) return { url, html: '' };
      response = await this.get(url.href);
    }
    throw new Error(`${start} leads round in circles`);
  }

  /** The cookies of an origin, as they are sent. */
  cookiesOf(origin: string): string {
    const own = this.#cookies.filter((cookie) => cookie.origin === origin);
    return own.map(({ name, value }) => `${name}=${value}`).join('; ');
  }

  #set(origin: string, line: string): void {
    const [pair = '', ...attributes] = line.split(';').map((part) => part.trim());
    const at = pair.indexOf('=');
    const [name, value] = [pair.slice(0, at), pair.slice(at + 1)];
    const path = /^path=(.*)$/i.exec(attributes.find((each) => /^path=/i.test(each)) ?? '')?.[1];
    const expires = attributes.find((each) => /^expires=/i.test(each))?.slice('expires='.length);
    const others = this.#cookies.filter(
      (cookie) => cookie.origin !== origin || cookie.name !== name || cookie.path !== (path ?? '/'),
    );
    const gone = expires !== undefined && Date.parse(expires) <= Date.now();
    this.#cookies = gone ? others : [...others, { origin, path: path ?? '/', name, value }];
  }
}
