import assert from 'node:assert/strict';
import { HOLDER } from '../../../server/contract/index.ts';
import { GatewayError } from '../../../server/errors.ts';
import {
  filterClientMessage,
  type FilteredMessage,
} from '../../../server/tunnel/client-messages.ts';
import { CredentialPrompt } from '../../../server/tunnel/credential-prompt.ts';
import { rightsOf } from '../../../server/tunnel/input-rights.ts';
import { HeldInput } from '../../../server/tunnel/held-input.ts';
import { testGrant } from '../../tunnel/support/test-gateway.ts';
import type { Target } from '../target.ts';
import { instructionsOf } from './handshake.ts';

const VIEWER = { viewer: { id: 'v1', until: null } };
const WATCHERS = /^(nop|ack|sync|size)$/;
const TYPISTS = /^(nop|ack|key|mouse|touch|clipboard|blob|end)$/;
const ANYBODY = /^(?!(select|connect|disconnect|)$)/;

/** Each kind of participant, and what of theirs may reach guacd. */
const PARTICIPANTS = [
  { rights: rightsOf(testGrant(), HOLDER), may: ANYBODY, asked: true },
  { rights: rightsOf(testGrant({ readOnly: true }), HOLDER), may: WATCHERS, asked: false },
  { rights: rightsOf(testGrant(VIEWER), HOLDER), may: WATCHERS, asked: false },
  { rights: rightsOf(testGrant(VIEWER), 'v1'), may: TYPISTS, asked: false },
];

/** Of one page, for as long as the run is: what it holds down stays small. */
const holding = new HeldInput();
const MOST_HELD = 256 * 1024;
let runs = 0;

function hold(held: FilteredMessage['held']): void {
  try {
    for (const each of held) holding.note(each);
  } catch (error) {
    assert.ok(error instanceof GatewayError, String(error));
    assert.equal(error.status, 'instruction_invalid');
  }
  if ((runs += 1) % 1000 !== 0) return;
  assert.ok(holding.release().length < MOST_HELD, 'too much is held');
  assert.equal(holding.release(), '', 'all is let go of');
}

/** What the page sends: whole instructions that this participant may send, or one clear refusal. */
export const clientMessages: Target = {
  name: 'client-messages',
  run(input) {
    for (const { rights, may, asked } of PARTICIPANTS) {
      const prompt = new CredentialPrompt(['password']);
      let filtered: FilteredMessage;
      try {
        filtered = filterClientMessage(input, false, rights, prompt);
      } catch (error) {
        assert.ok(error instanceof GatewayError, String(error));
        assert.match(error.status, /^instruction_(invalid|too_large)$/);
        continue;
      }
      const { forward, echo, held } = filtered;
      const said = instructionsOf(input).map((each) => JSON.stringify(each));
      const passed = instructionsOf(forward);
      for (const elements of passed) {
        assert.match(elements[0] ?? '', may);
        assert.ok(said.includes(JSON.stringify(elements)), 'what was not said');
      }
      const given = passed.filter(([opcode]) => opcode === 'argv').map(([, , , name]) => name);
      assert.ok(given.length <= (asked ? 1 : 0) && given.every((name) => name === 'password'));
      assert.ok(instructionsOf(echo).every(([opcode, kind]) => opcode === '' && kind === 'ping'));
      hold(held);
    }
  },
};
