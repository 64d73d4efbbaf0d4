import type { Operation } from '../operation.ts';
import * as apiTokens from './api-tokens.ts';
import * as approvals from './approvals.ts';
import * as account from './account.ts';
import * as audit from './audit.ts';
import * as consoleMachine from './console-machine.ts';
import * as consoles from './consoles.ts';
import * as hardware from './hardware.ts';
import * as gateway from './gateway.ts';
import * as machines from './machines.ts';
import * as portals from './portals.ts';
import * as session from './session.ts';
import * as sharing from './sharing.ts';

/**
 * Every call of the gateway by its name: the OpenAPI document, the checks before a router, and the
 * tests that call each one are made of this table. The page and the CLI import the single rows.
 */
export const operations: Readonly<Record<string, Operation>> = {
  ...session,
  ...account,
  ...apiTokens,
  ...machines,
  ...hardware,
  ...consoles,
  ...consoleMachine,
  ...sharing,
  ...approvals,
  ...audit,
  ...portals,
  ...gateway,
};
