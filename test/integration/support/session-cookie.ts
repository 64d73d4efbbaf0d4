/** What supertest got. */
interface Answer {
  get(header: 'Set-Cookie'): string[] | undefined;
}

/** The session's cookie as an answer sets it, with its attributes; empty where it sets none. */
export function sessionCookie(answer: Answer): string {
  const lines = answer.get('Set-Cookie') ?? [];
  return lines.find((line) => /^(__Host-)?rackside=/.test(line)) ?? '';
}

/** The same of what fetch got, as a browser sends it back. */
export function sentCookie({ headers }: Response): string {
  return sessionCookie({ get: () => headers.getSetCookie() }).split(';')[0] ?? '';
}
