import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { GatewayError } from '../../../server/errors.ts';
import { ConnectionTokens } from '../../../server/tunnel/connection-token.ts';
import type { Target } from '../target.ts';

/** The corpus has a token of this key, good at this moment; nothing else uses either. */
const KEY = { id: 'fuzz', secret: new Uint8Array(32).fill(7) };
const NOW = Date.UTC(2026, 0, 1);
const GOOD = readFileSync(join(import.meta.dirname, '../corpus/connection-token/good'), 'latin1');
const tokens = new ConnectionTokens([KEY]);

/** Connection tokens: what opens is what was issued, letter by letter; all else is refused alike. */
export const connectionToken: Target = {
  name: 'connection-token',
  async run(input) {
    const token = input.toString('latin1');
    try {
      const { grant } = tokens.open(token, NOW);
      assert.equal(grant.consoleId, 'fuzz');
      assert.equal(token, GOOD, 'another spelling of the token is taken');
    } catch (error) {
      assert.notEqual(token, GOOD, 'put a token of today into corpus/connection-token/good');
      assert.ok(error instanceof GatewayError, String(error));
      assert.match(error.status, /^token_(invalid|expired)$/);
      assert.equal(error.cause, undefined, 'a cause may quote what was inside');
    }
  },
};
