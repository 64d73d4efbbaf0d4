import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { faultOf, isRetryable } from '../../client/src/api/fault-code.ts';
import { formatLeft, warningOf } from '../../client/src/console/server-clock.ts';
import { faultOfInstruction, faultOfTunnel } from '../../client/src/display/guacamole-fault.ts';
import { GatewayClientError } from '../../server/gateway-client/gateway-client-error.ts';
import { DEFAULTS, parsePreferences } from '../../client/src/preferences/preferences.ts';

describe('the time left', () => {
  it('is shown in hours when there are any', () => {
    assert.equal(formatLeft(7_199_000), '1:59:59');
    assert.equal(formatLeft(3_600_000), '1:00:00');
    assert.equal(formatLeft(545_000), '9:05');
    assert.equal(formatLeft(0), '0:00');
  });

  it('is warned of at 10, 5 and 1 minute', () => {
    const at = (minutes: number) => warningOf(minutes * 60_000);
    assert.deepEqual([at(11), at(10), at(5.1), at(5), at(1), at(0)], [null, 10, 10, 5, 1, 1]);
  });
});

describe('faults of a Guacamole connection', () => {
  it('are the row that the gateway names in the instruction’s text', () => {
    assert.equal(faultOfInstruction(522, 'console_idle'), 'console_idle');
    assert.equal(
      faultOfInstruction(769, 'target_credentials_refused'),
      'target_credentials_refused',
    );
  });

  it('follow the number when guacd speaks for itself', () => {
    assert.equal(faultOfInstruction(519, 'Server refused connection'), 'target_unreachable');
    assert.equal(faultOfInstruction(769, undefined), 'target_credentials_refused');
    assert.equal(faultOfInstruction(9999, 'constructor'), 'target_lost');
  });

  it('are the network’s when the socket just went away', () => {
    assert.equal(faultOfTunnel(519, undefined), 'network');
    assert.equal(faultOfTunnel(514, 'Server timeout.'), 'network');
  });

  it('follow the status in the WebSocket’s close reason', () => {
    assert.equal(faultOfTunnel(521, '521'), 'target_busy');
  });
});

describe('errors of calls', () => {
  it('keep the code of the status table, and whether it may be tried again', () => {
    assert.equal(faultOf(new GatewayClientError('target_busy', 'desk is busy')), 'target_busy');
    assert.equal(isRetryable('target_busy'), true);
    assert.equal(isRetryable('network'), true);
    assert.equal(isRetryable('forbidden'), false);
  });

  it('are the network’s when no gateway answered', () => {
    assert.equal(faultOf(new GatewayClientError('unreachable', 'no answer')), 'network');
  });

  it('are `internal` when the page does not know the code', () => {
    assert.equal(faultOf(new GatewayClientError('of_tomorrow', 'a newer gateway’s')), 'internal');
    assert.equal(faultOf(new GatewayClientError('unexpected_answer', 'a proxy’s')), 'internal');
  });

  it('are `internal` when something else was thrown', () => {
    assert.equal(faultOf(new TypeError('x is not a function')), 'internal');
  });
});

describe('remembered preferences', () => {
  it('come back as they were stored', () => {
    const chosen = {
      ...DEFAULTS,
      language: 'ru',
      timezone: 'Europe/Moscow',
      zoom: 'actual',
      inputMethod: 'osk',
      touchMode: 'touchpad',
      barCollapsed: true,
      othersFolded: true,
      guestName: 'Ann',
    };
    assert.deepEqual(parsePreferences(JSON.stringify(chosen)), chosen);
  });

  it('fall back one by one where the stored ones are not understood', () => {
    for (const text of [
      null,
      '',
      'null',
      '[]',
      '"x"',
      '{"zoom":"huge","timezone":"Mars/Base","guestName":" "}',
    ])
      assert.deepEqual(parsePreferences(text), DEFAULTS, String(text));
    assert.equal(parsePreferences('{"language":"xx","zoom":"actual"}').zoom, 'actual');
  });
});
