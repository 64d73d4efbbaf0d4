import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { tokenRequestOf } from '../../client/src/account/token-request.ts';
import { createApiTokenRequest } from '../../server/contract/index.ts';

describe('what the page asks for a token', () => {
  const wish = { name: ' nightly ', actions: null, machines: '', life: 'always' } as const;

  it('leaves out what is not limited', () => {
    assert.deepEqual(tokenRequestOf(wish), { name: 'nightly' });
  });

  it('has the patterns that are written with commas or on lines, and nothing empty', () => {
    const { machines } = tokenRequestOf({ ...wish, machines: ' lab:a*,, lab:b\n\nlab:c d , ' });
    assert.deepEqual(machines, ['lab:a*', 'lab:b', 'lab:c d']);
    assert.equal('machines' in tokenRequestOf({ ...wish, machines: ' , ' }), false);
  });

  it('is one that the API takes', () => {
    const request = tokenRequestOf({ ...wish, actions: ['list'], machines: 'lab:*', life: 'year' });
    assert.deepEqual(createApiTokenRequest.parse(request), request);
    assert.equal(request.expiresIn, 31_536_000);
  });
});
