import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { MAX_CREDENTIAL } from '../../server/contract/index.ts';
import { GatewayError } from '../../server/errors.ts';
import { filterClientMessage } from '../../server/tunnel/client-messages.ts';
import { CredentialPrompt } from '../../server/tunnel/credential-prompt.ts';
import { instruction } from '../support/instructions.ts';

type Elements = readonly (string | number)[];

/** What of the page's instructions reaches guacd, each in a message of its own. */
function sift(prompt: CredentialPrompt | null, ...said: readonly Elements[]): string {
  const one = (elements: Elements): string =>
    filterClientMessage(
      Buffer.from(instruction(...elements)),
      false,
      'all',
      prompt,
    ).forward.toString();
  return said.map(one).join('');
}

function answer(name: string, index = 0, value = 'c2VjcmV0'): Elements[] {
  return [
    ['argv', index, 'text/plain', name],
    ['blob', index, value],
    ['end', index],
  ];
}

const text = (said: readonly Elements[]): string =>
  said.map((each) => instruction(...each)).join('');

describe('what the page answers to guacd', () => {
  it('goes through where guacd has asked for it, until all of it is there', () => {
    const prompt = new CredentialPrompt(['username', 'password']);
    const name = answer('username', 3);
    assert.equal(sift(prompt, ...name), text(name));
    assert.equal(prompt.answered, false);
    const password = answer('password', 4);
    assert.equal(sift(prompt, ...password.slice(0, 2)), text(password.slice(0, 2)));
    assert.equal(prompt.answered, false);
    sift(prompt, ['end', 4]);
    assert.equal(prompt.answered, true);
  });

  it('goes through in streams that are mixed, beside what else a page sends', () => {
    const prompt = new CredentialPrompt(['username', 'password']);
    const said: Elements[] = [
      ['argv', 0, 'text/plain', 'username'],
      ['argv', 1, 'text/plain', 'password'],
      ['sync', 1],
      ['blob', 1, 'cHc='],
      ['clipboard', 2, 'text/plain'],
      ['blob', 2, 'bmFtZQ=='],
      ['blob', 0, 'bmFtZQ=='],
      ['end', 2],
      ['end', 0],
      ['end', 1],
    ];
    assert.equal(sift(prompt, ...said), text(said));
    assert.equal(prompt.answered, true);
  });

  it('stops at the gateway for any other name, for one twice, and where nobody was asked', () => {
    const prompt = new CredentialPrompt(['password']);
    const first = ['argv', 0, 'text/plain', 'password'];
    for (const name of ['hostname', 'username', 'color-scheme', 'Password', '']) {
      assert.equal(sift(prompt, ['argv', 0, 'text/plain', name]), '');
      assert.equal(sift(null, ['argv', 0, 'text/plain', name]), '');
    }
    assert.equal(sift(null, first), '');
    assert.equal(sift(prompt, first), instruction(...first));
    assert.equal(sift(prompt, first), '');
    assert.equal(sift(prompt, ['argv', 1, 'text/plain', 'password']), '');
    assert.equal(prompt.answered, false);
  });

  it('is refused when it is too long, in one blob or in many', () => {
    const whole = Buffer.alloc(MAX_CREDENTIAL, 97).toString('base64');
    const fits = new CredentialPrompt(['password']);
    sift(fits, ...answer('password', 0, whole));
    assert.equal(fits.answered, true);
    for (const parts of [[`${whole}YWFh`], [whole, 'YWFh'], Array(2000).fill('YWFh')]) {
      const prompt = new CredentialPrompt(['password']);
      sift(prompt, ['argv', 0, 'text/plain', 'password']);
      assert.throws(
        () => sift(prompt, ...parts.map((part) => ['blob', 0, part] as const)),
        (error) => error instanceof GatewayError && error.status === 'instruction_too_large',
      );
    }
  });

  it('is what a person does, and keeps the console from being idle', () => {
    const message = Buffer.from(instruction('argv', 0, 'text/plain', 'password'));
    const prompt = new CredentialPrompt(['password']);
    assert.equal(filterClientMessage(message, false, 'all', prompt).human, true);
  });
});
