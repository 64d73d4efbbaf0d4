import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { isExtendable, offersExtension } from '../../client/src/console/extension.ts';
import { idleSpanOf, idleWarning } from '../../client/src/console/idle.ts';
import { initialPage, type Page } from '../../client/src/console/page-state.ts';
import { NOW, view } from './support/player.ts';

const MINUTE = 60_000;

/** Moments are milliseconds from NOW by the gateway's clock. */
function pageOf(times: { expiresAt?: number; extendableUntil?: number; idleAt?: number | null }) {
  const at = (moment: number) => new Date(NOW + moment).toISOString();
  const { expiresAt = 60 * MINUTE, extendableUntil = 480 * MINUTE, idleAt = null } = times;
  const console = view({
    state: 'connected',
    createdAt: at(0),
    expiresAt: at(expiresAt),
    extendableUntil: at(extendableUntil),
    idleAt: idleAt === null ? null : at(idleAt),
  });
  const page: Page = {
    ...initialPage(null),
    console,
    phase: { name: 'connected', since: NOW },
    idleSpan: idleSpanOf(console, at(0)),
  };
  return page;
}

describe('the warning of idleness', () => {
  const page = pageOf({ idleAt: 15 * MINUTE });

  it('comes a minute before the end and counts down to it', () => {
    assert.equal(idleWarning(page, NOW + 14 * MINUTE - 1), null);
    assert.equal(idleWarning(page, NOW + 14 * MINUTE), MINUTE);
    assert.equal(idleWarning(page, NOW + 15 * MINUTE - 1), 1);
    assert.equal(idleWarning(page, NOW + 16 * MINUTE), 0);
  });

  it('comes in the last half where less than two minutes are allowed', () => {
    const hasty = pageOf({ idleAt: 30_000 });
    assert.equal(idleWarning(hasty, NOW + 14_999), null);
    assert.equal(idleWarning(hasty, NOW + 15_000), 15_000);
  });

  it('goes by the gateway’s clock', () => {
    const behind = { ...page, clockOffset: 3_600_000 };
    assert.equal(idleWarning(behind, NOW - 3_600_000 + 14.5 * MINUTE), MINUTE / 2);
  });

  it('goes when a person acts, and is back when the gateway did not hear of it', () => {
    const acted = { ...page, usedAt: NOW + 14.5 * MINUTE };
    assert.equal(idleWarning(acted, NOW + 14.5 * MINUTE), null);
    assert.equal(idleWarning(acted, NOW + 14.5 * MINUTE + 4999), null);
    assert.equal(idleWarning(acted, NOW + 14.5 * MINUTE + 5000), 25_000);
  });

  it('does not take what a person did before it for an answer', () => {
    const hasty = { ...pageOf({ idleAt: 4000 }), usedAt: NOW + 1900 };
    assert.equal(idleWarning(hasty, NOW + 2000), 2000);
  });

  it('is silent where idleness does not count, and where no picture is live', () => {
    const late = NOW + 15 * MINUTE;
    assert.equal(idleWarning(pageOf({ idleAt: null }), late), null);
    assert.equal(idleWarning({ ...page, phase: { name: 'disconnected' } }, late), null);
    assert.equal(idleWarning(initialPage(null), late), null);
  });

  it('learns what is allowed only from answers that tell the gateway’s time', () => {
    const seen = page.console;
    assert.ok(seen);
    assert.equal(idleSpanOf(seen, '2026-03-01T12:05:00Z'), 10 * MINUTE);
    assert.equal(idleSpanOf(seen, null), 0);
  });
});

describe('more time', () => {
  it('is offered in the last ten minutes', () => {
    const page = pageOf({ expiresAt: 20 * MINUTE });
    assert.equal(offersExtension(page, NOW + 9 * MINUTE), false);
    assert.equal(offersExtension(page, NOW + 10 * MINUTE), true);
    assert.equal(isExtendable(page), true);
  });

  it('is not offered where there is none', () => {
    const page = pageOf({ expiresAt: 5 * MINUTE, extendableUntil: 5 * MINUTE });
    assert.equal(offersExtension(page, NOW), false);
    assert.equal(isExtendable(page), false);
    const more = pageOf({ expiresAt: 5 * MINUTE });
    const ended: Page = { ...more, phase: { name: 'ended', reason: null, fault: 'console_ended' } };
    assert.equal(offersExtension(ended, NOW), false);
    assert.equal(offersExtension(initialPage(null), NOW), false);
  });
});
