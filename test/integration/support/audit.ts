import assert from 'node:assert/strict';
import { type AuditRecord, auditList } from '../../../server/contract/index.ts';
import type { TestGateway } from '../../support/gateway.ts';
import { until } from '../../support/until.ts';

/** A page of the audit trail as an administrator's token reads it. */
export async function auditPage(gateway: TestGateway, as: string, query = '') {
  const answer = await gateway.call('GET', `/audit?${query}`, { as });
  const body = await answer.text();
  assert.equal(answer.status, 200, body);
  return auditList.parse(JSON.parse(body));
}

/** A moment later than everything that has been done: entries have times in milliseconds. */
export async function momentLater(): Promise<string> {
  const done = Date.now();
  await until(() => Date.now() > done, { timeout: 1000, every: 1, what: 'a later moment' });
  return new Date().toISOString();
}

/** All that matches, oldest first. */
export async function auditTrail(
  gateway: TestGateway,
  as: string,
  query = '',
): Promise<AuditRecord[]> {
  const all: AuditRecord[] = [];
  for (let cursor = ''; ; ) {
    const { items, next } = await auditPage(gateway, as, `limit=200&${query}${cursor}`);
    all.push(...items);
    if (next === null) return all.toReversed();
    cursor = `&cursor=${next}`;
  }
}

/** The trail as soon as it has so many entries that match: some come by a queue. */
export async function auditOf(
  gateway: TestGateway,
  as: string,
  query: string,
  count: number,
): Promise<AuditRecord[]> {
  let found: AuditRecord[] = [];
  await until(
    async () => {
      found = await auditTrail(gateway, as, query);
      return found.length >= count;
    },
    { timeout: 5000, what: `${count} audit entries` },
  );
  assert.equal(found.length, count, JSON.stringify(found, null, 1));
  return found;
}
