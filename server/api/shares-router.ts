import { Router } from 'express';
import type { ConsoleService } from '../consoles/console-service.ts';
import type { ConsoleSharing } from '../consoles/console-sharing.ts';
import { viewOf } from '../consoles/console.ts';
import { shareView } from '../consoles/sharing-view.ts';
import {
  type CreatedShare,
  HOLDER,
  type ShareList,
  controlRequest,
  shareRequest,
} from '../contract/index.ts';
import { GatewayError } from '../errors.ts';
import type { Access } from './access.ts';
import { consoleUrl } from './console-url.ts';
import { parse } from './parse.ts';
import { methodNotAllowed } from './problems.ts';

export interface SharesRouterParts {
  readonly access: Access;
  readonly consoles: ConsoleService;
  readonly sharing: ConsoleSharing;
  /** Without a trailing slash. */
  readonly publicUrl: string;
}

/** Links to a console for others, and who of all that look may type. */
export function sharesRouter(parts: SharesRouterParts): Router {
  const { access, consoles, sharing, publicUrl } = parts;
  const router = Router();

  router.post('/:id/share', async (request, response) => {
    const record = await consoles.get(request.params.id);
    // Whose the console is not hears that, however wrong the body is.
    const { readOnly = true } = shareRequest.safeParse(request.body).data ?? {};
    access.toShare(request, record, readOnly);
    const wanted = parse(shareRequest, request.body);
    const by = access.actor(request, record);
    const { share, key } = await sharing.share(record.id, wanted, by);
    const url = consoleUrl(publicUrl, record.id, key);
    const view = shareView(record, share);
    response.status(201).json({ ...view, url } satisfies CreatedShare);
  });

  router.get('/:id/shares', async (request, response) => {
    const record = await consoles.get(request.params.id);
    access.toShare(request, record, true);
    const items = record.sharing.shares.map((share) => shareView(record, share));
    response.json({ items } satisfies ShareList);
  });

  router.delete('/:id/shares/:share', async (request, response) => {
    const { id, share } = request.params;
    const record = await consoles.get(id);
    const revoked = record.sharing.shares.find(({ id: known }) => known === share);
    access.toShare(request, record, revoked?.readOnly ?? true);
    await sharing.revoke(record.id, share, access.actor(request, record));
    response.status(204).end();
  });

  router.post('/:id/control', async (request, response) => {
    const record = await consoles.get(request.params.id);
    const caller = access.toConsole(request, record);
    if (caller.as === 'manager') {
      throw new GatewayError('forbidden', 'control is for those who look at the console');
    }
    const { to } = parse(controlRequest, request.body);
    const from = caller.as === 'viewer' ? caller.viewer.id : HOLDER;
    const by = access.actor(request, record);
    response.json(viewOf(await sharing.giveControl(record.id, from, to, by)));
  });

  router.all(['/:id/share', '/:id/control'], methodNotAllowed('POST'));
  router.all('/:id/shares', methodNotAllowed('GET'));
  router.all('/:id/shares/:share', methodNotAllowed('DELETE'));
  return router;
}
