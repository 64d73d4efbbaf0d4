import { type Command, InvalidArgumentError, Option } from 'commander';
import {
  AUDIT_ACTIONS,
  type AuditAction,
  type AuditQuery,
  type AuditRecord,
  auditQuery,
  listAudit,
} from '../contract/index.ts';
import { type GatewayOptions, connectGateway, withGateway } from './gateway.ts';
import { print } from './print.ts';
import { printTable } from './table.ts';

interface AuditOptions extends GatewayOptions {
  readonly console?: string;
  readonly machine?: string;
  readonly who?: string;
  readonly action?: AuditAction;
  readonly result?: AuditQuery['result'];
  readonly since?: string;
  readonly limit?: number;
  readonly json?: true;
}

export function addAudit(program: Command): void {
  const command = program
    .command('audit')
    .description('show who did what, the newest first; for administrators')
    .option('--console <id>', "one console's story")
    .option('-m, --machine <pattern>', 'on these machines; * stands for any text')
    .option('-w, --who <pattern>', 'by these people and tokens; * stands for any text')
    .addOption(new Option('-a, --action <action>', 'one kind of action').choices(AUDIT_ACTIONS))
    .option('-r, --result <result>', 'ok, refused for all but ok, or a code', resultOf)
    .option('-s, --since <time>', 'RFC 3339, or how long ago: 90m, 24h, 7d', sinceOf)
    .option('-n, --limit <number>', 'so many at most (default: all that is found)', wholeNumber)
    .option('--json', 'as the API shows them, one JSON array');
  withGateway(command).action(showAudit);
}

async function showAudit(options: AuditOptions): Promise<void> {
  const { console: id, machine, who, action, result, since, limit = Infinity, json } = options;
  const query = { console: id, machine, who, action, result, since };
  const found: AuditRecord[] = [];
  for await (const record of connectGateway(options).all(listAudit, { query })) {
    found.push(record);
    if (found.length === limit) break;
  }
  if (json) {
    print(JSON.stringify(found, null, 2));
    return;
  }
  printTable(
    ['AT', 'WHO', 'VIA', 'FROM', 'ACTION', 'MACHINE', 'CONSOLE', 'RESULT', 'DETAIL'],
    found.map((record) =>
      [
        ...[record.at, record.who, record.via, record.from, record.action],
        ...[record.machine, record.console, record.result, record.detail],
      ].map((field) => field ?? '-'),
    ),
  );
}

function resultOf(text: string): AuditQuery['result'] {
  const parsed = auditQuery.shape.result.safeParse(text);
  if (parsed.success) return parsed.data;
  throw new InvalidArgumentError('Expected ok, refused or a code of docs/api.md.');
}

const MINUTES = { m: 1, h: 60, d: 1440 } as const;

function sinceOf(text: string): string {
  const [, count, unit] = /^(\d{1,6})([mhd])$/.exec(text) ?? [];
  const ago = Number(count) * MINUTES[unit as keyof typeof MINUTES] * 60_000;
  const time = count === undefined ? Date.parse(text) : Date.now() - ago;
  if (Number.isNaN(time)) {
    throw new InvalidArgumentError(
      'Expected a time such as 2026-03-01T12:00:00Z, or 90m, 24h, 7d.',
    );
  }
  return new Date(time).toISOString();
}

function wholeNumber(text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new InvalidArgumentError('Expected a whole number.');
  return Number(text);
}
