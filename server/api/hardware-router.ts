import { Router } from 'express';
import {
  type BootAnswer,
  type IdentifyAnswer,
  bootRequest,
  identifyRequest,
} from '../contract/index.ts';
import type { PowerRouterParts } from './power-router.ts';
import { parse } from './parse.ts';
import { methodNotAllowed } from './problems.ts';
import { WAYS, toldMachine } from './told-machine.ts';

/** What a server is told besides switching: what it starts from next, and to show where it is. */
export function hardwareRouter(parts: PowerRouterParts): Router {
  const { registry } = parts;
  const router = Router();

  for (const { at, find } of WAYS) {
    router.post(`${at}/boot`, async (request, response) => {
      const { device } = parse(bootRequest, request.body);
      const { id } = await toldMachine(parts, await find(parts, request), async (machine) => {
        await registry.boot(machine, device);
        return `boot once: ${device}`;
      });
      response.status(202).json({ machine: id, device } satisfies BootAnswer);
    });

    router.post(`${at}/identify`, async (request, response) => {
      const { on } = parse(identifyRequest, request.body);
      const { id } = await toldMachine(parts, await find(parts, request), async (machine) => {
        await registry.identify(machine, on);
        return `identify: ${on ? 'on' : 'off'}`;
      });
      response.status(202).json({ machine: id, on } satisfies IdentifyAnswer);
    });

    router.all([`${at}/boot`, `${at}/identify`], methodNotAllowed('POST'));
  }
  return router;
}
