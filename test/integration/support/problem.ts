import assert from 'node:assert/strict';
import { type Problem, type StatusCode, problem } from '../../../server/contract/index.ts';
import { logBook } from '../../support/log-book.ts';

/** An answer, whoever fetched it. */
export interface Answer {
  readonly status: number;
  readonly type: string | null | undefined;
  readonly body: string;
}

/** What supertest got. */
interface Tested {
  readonly status: number;
  readonly text: string;
  get(header: string): string | undefined;
}

/** Asserts that this is an error as the API promises it, without any secret. */
export function assertProblem(answer: Answer, status: number, code: StatusCode): Problem {
  assert.match(answer.type ?? '', /^application\/problem\+json\b/, answer.body);
  const body = problem.parse(JSON.parse(answer.body));
  assert.deepEqual([answer.status, body.status, body.code], [status, status, code], answer.body);
  assert.ok(body.title.length > 0 && body.type.length > 0);
  assertSentence(body.detail);
  logBook.assertHoldsNoSecret(answer.body, 'an error body');
  return body;
}

/** For people: a few words, and no trace of our files. */
export function assertSentence(text: string): void {
  assert.match(text, /^\S+ \S+ /);
  assert.doesNotMatch(text, /\bat .*\.[jt]s:|node_modules|server\//);
}

export async function problemOf(
  response: Response,
  status: number,
  code: StatusCode,
): Promise<Problem> {
  const type = response.headers.get('content-type');
  return assertProblem(
    { status: response.status, type, body: await response.text() },
    status,
    code,
  );
}

export function problemOfTest(response: Tested, status: number, code: StatusCode): Problem {
  const { status: got, text } = response;
  return assertProblem(
    { status: got, type: response.get('content-type'), body: text },
    status,
    code,
  );
}
