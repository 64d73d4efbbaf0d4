import assert from 'node:assert/strict';
import { before, describe, it } from 'mocha';
import { STATUS, type Problem } from '../../server/contract/index.ts';
import { operations } from '../../server/contract/operations/index.ts';
import { cleanUp } from '../support/dispose.ts';
import { CALLS } from './support/calls.ts';
import { Scene } from './support/scene.ts';

describe('every operation of the API', () => {
  const suite = cleanUp();
  let scene: Scene;

  before(async () => {
    scene = await Scene.start(suite);
  });

  for (const id of Object.keys(operations)) {
    it(`${id} answers and refuses as the document says`, async () => {
      const calls = CALLS[id] ?? [];
      assert.ok(calls.length > 0, `test/api/support/calls.ts has no call of ${id}`);
      for (const [index, prepare] of calls.entries()) {
        const { answers, ...call } = await prepare(scene);
        const { status, text } = await scene.send(id, call);
        if (index === 0) assert.ok(status < 400, `the first call of ${id} succeeds: ${text}`);
        if (typeof answers === 'number') {
          assert.equal(status, answers, text);
        } else {
          assert.equal((JSON.parse(text) as Problem).code, answers);
          assert.equal(status, STATUS[answers].http);
        }
      }
    });
  }

  it('is called by name: no call is left of an operation that is gone', () => {
    assert.deepEqual(
      Object.keys(CALLS).filter((id) => !(id in operations)),
      [],
    );
  });
});
