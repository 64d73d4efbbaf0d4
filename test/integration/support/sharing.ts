import {
  type ConsoleView,
  type CreatedShare,
  createdShare,
  redeemAnswer,
} from '../../../server/contract/index.ts';
import type { Held, TestGateway } from '../../support/gateway.ts';
import { logBook } from '../../support/log-book.ts';

export interface TestShare extends CreatedShare {
  readonly key: string;
}

/** What a viewer's page holds; `id` is the console's. */
export interface TestViewer extends Held {
  readonly viewer: string;
}

/** A link as the holder's page makes it, or whoever else `as` is. */
export async function share(
  gateway: TestGateway,
  { id, bearer }: Held,
  body: object = {},
  as = bearer,
): Promise<TestShare> {
  const answer = await gateway.call('POST', `/consoles/${id}/share`, { as, body });
  if (answer.status !== 201) throw new Error(`no share: ${await answer.text()}`);
  const made = createdShare.parse(await answer.json());
  return { ...made, key: logBook.secret(new URL(made.url).hash.slice(1)) };
}

export function redeem(
  gateway: TestGateway,
  id: string,
  { key }: { readonly key: string },
  body: object = {},
): Promise<Response> {
  return gateway.call('POST', `/consoles/${id}/redeem`, { body: { key, ...body } });
}

/** Somebody new who comes by the link. */
export async function watch(
  gateway: TestGateway,
  { id }: { readonly id: string },
  made: { readonly key: string },
  body: object = {},
): Promise<TestViewer> {
  const answer = await redeem(gateway, id, made, body);
  if (answer.status !== 200) throw new Error(`not redeemed: ${await answer.text()}`);
  const { bearer, viewer } = redeemAnswer.parse(await answer.json());
  if (!viewer) throw new Error('this is no viewer');
  return { id, bearer: logBook.secret(bearer), viewer: viewer.id };
}

export async function giveControl(
  gateway: TestGateway,
  { id, bearer }: Held,
  to: string,
): Promise<ConsoleView> {
  const answer = await gateway.call('POST', `/consoles/${id}/control`, {
    as: bearer,
    body: { to },
  });
  if (answer.status !== 200) throw new Error(`no control: ${await answer.text()}`);
  return (await answer.json()) as ConsoleView;
}
