import assert from 'node:assert/strict';
import type { Context } from 'mocha';

/** Everything that any gateway of this test run has logged, and every secret that any was given. */
class LogBook {
  #text = '';
  readonly #secrets = new Set<string>();

  /** A stream for the logger. */
  readonly stream = {
    write: (line: string): void => {
      this.#text += line;
    },
  };

  get text(): string {
    return this.#text;
  }

  /** The last lines, so many. */
  tail(count = 20): string {
    return this.#text.trimEnd().split('\n').slice(-count).join('\n');
  }

  get secrets(): ReadonlySet<string> {
    return this.#secrets;
  }

  /** Remembers a secret, and gives it back. Short ones would be found by chance. */
  secret(value: string): string {
    assert.ok(value.length >= 8, 'a secret that can be searched for has 8 characters');
    this.#secrets.add(value);
    return value;
  }

  /** @throws AssertionError that names where a secret was found, and not the secret itself. */
  assertHoldsNoSecret(text: string, where: string): void {
    for (const secret of this.#secrets) {
      const at = text.indexOf(secret);
      const around = text.slice(Math.max(0, at - 80), at);
      assert.equal(at, -1, `${where} holds a secret after: ${around}`);
    }
  }
}

export const logBook = new LogBook();

/** Where the log of the test that runs begins. */
let began = 0;

/** Whatever the suite did, no log line at debug level holds a secret. What a failed test logged is printed. */
export const mochaHooks = {
  beforeEach(): void {
    began = logBook.text.length;
  },
  afterEach(this: Context): void {
    if (this.currentTest?.isFailed())
      process.stdout.write(logBook.text.slice(began).slice(-20_000));
  },
  afterAll(): void {
    logBook.assertHoldsNoSecret(logBook.text, 'a log line');
  },
};
