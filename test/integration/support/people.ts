import supertest from 'supertest';
import { type TotpBegun, recoveryCodes, totpBegun } from '../../../server/contract/index.ts';
import { Authenticator } from '../../support/authenticator.ts';
import { PASSWORDS, type TestGateway } from '../../support/gateway.ts';
import { logBook } from '../../support/log-book.ts';

export type Name = keyof typeof PASSWORDS;
export type Browser = ReturnType<typeof supertest.agent>;

const API = '/api/v1';

/** A browser that keeps its cookies and speaks to one gateway. */
export function browserAt(gateway: TestGateway): Browser {
  return supertest.agent(gateway.url);
}

/** A try to sign in; `password` and `totp` where they are not the right ones. */
export function login(
  browser: Browser,
  username: string,
  { password = PASSWORDS[username as Name], totp }: { password?: string; totp?: string } = {},
): supertest.Test {
  return browser.post(`${API}/login`).send({ username, password, ...(totp && { totp }) });
}

/** A browser in which somebody has signed in. */
export async function signedIn(gateway: TestGateway, name: Name, totp?: string): Promise<Browser> {
  const browser = browserAt(gateway);
  await login(browser, name, totp === undefined ? {} : { totp }).expect(200);
  return browser;
}

/** Begins an enrolment; its secret waits for a code. */
export async function begin(
  browser: Browser,
  name: Name,
): Promise<{ begun: TotpBegun; app: Authenticator }> {
  const answer = await browser.post(`${API}/me/totp`).send({ password: PASSWORDS[name] });
  const begun = totpBegun.parse(answer.body);
  return { begun, app: new Authenticator(begun.uri) };
}

/**
 * Enrols somebody by the present code, so that `app.code(1)` signs them in next, and nothing before it
 * does.
 */
export async function enrol(
  browser: Browser,
  name: Name,
): Promise<{ app: Authenticator; codes: string[] }> {
  const { app } = await begin(browser, name);
  const answer = await browser.post(`${API}/me/totp/confirm`).send({ code: app.code() });
  return {
    app,
    codes: recoveryCodes.parse(answer.body).recoveryCodes.map((c) => logBook.secret(c)),
  };
}
