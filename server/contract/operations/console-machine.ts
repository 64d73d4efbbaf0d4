import { bootAnswer, bootRequest, identifyAnswer, identifyRequest } from '../hardware.ts';
import { machineControls } from '../machine.ts';
import { driveView, insertRequest, mediaView } from '../media.ts';
import { operation } from '../operation.ts';
import { powerAnswer, powerRequest } from '../power.ts';
import type { StatusCode } from '../status.ts';
import { BMC_FAULTS, MEDIA, TOLD, TOLD_WITHIN } from './told.ts';
import { OVER } from './over.ts';

/** What whoever holds a console can be refused for who asks for its machine. */
const HELD = [
  'forbidden',
  'approval_pending',
  'console_not_found',
  ...OVER,
] as const satisfies readonly StatusCode[];

export const showConsoleMachine = operation({
  method: 'GET',
  path: '/api/v1/consoles/{id}/machine',
  tag: 'consoles',
  summary:
    'What the machine of a console that one holds can be told, where the console may `power`',
  callers: ['console'],
  answers: { 200: machineControls },
  problems: [
    ...HELD,
    'machine_not_found',
    'provider_refused',
    'provider_unavailable',
    ...BMC_FAULTS,
  ],
});

export const switchConsoleMachine = operation({
  method: 'POST',
  path: '/api/v1/consoles/{id}/power',
  tag: 'consoles',
  summary: 'Switch the machine of a console that one holds, where the console may `power`',
  callers: ['console'],
  within: TOLD_WITHIN,
  audited: 'power',
  body: powerRequest,
  answers: { 202: powerAnswer },
  problems: [...HELD, ...TOLD, 'machine_busy'],
});

export const bootConsoleMachine = operation({
  method: 'POST',
  path: '/api/v1/consoles/{id}/boot',
  tag: 'consoles',
  summary: 'What the server of a console that one holds starts from once',
  callers: ['console'],
  within: TOLD_WITHIN,
  audited: 'power',
  body: bootRequest,
  answers: { 202: bootAnswer },
  problems: [...HELD, ...TOLD],
});

export const identifyConsoleMachine = operation({
  method: 'POST',
  path: '/api/v1/consoles/{id}/identify',
  tag: 'consoles',
  summary: 'The light of the server of a console that one holds',
  callers: ['console'],
  within: TOLD_WITHIN,
  audited: 'power',
  body: identifyRequest,
  answers: { 202: identifyAnswer },
  problems: [...HELD, ...TOLD],
});

export const showConsoleMedia = operation({
  method: 'GET',
  path: '/api/v1/consoles/{id}/media',
  tag: 'consoles',
  summary: 'The drives of the server of a console that one holds, and the gateway’s images',
  callers: ['console'],
  within: TOLD_WITHIN,
  answers: { 200: mediaView },
  problems: [...HELD, ...MEDIA],
});

export const insertConsoleMedia = operation({
  method: 'POST',
  path: '/api/v1/consoles/{id}/media',
  tag: 'consoles',
  summary: 'Put a disk image into a drive of the server of a console that one holds',
  callers: ['console'],
  within: TOLD_WITHIN,
  audited: 'power',
  body: insertRequest,
  answers: { 200: driveView },
  problems: [...HELD, ...MEDIA, 'media_inserted'],
});

export const ejectConsoleMedia = operation({
  method: 'DELETE',
  path: '/api/v1/consoles/{id}/media/{drive}',
  tag: 'consoles',
  summary: 'Take the disk image out of a drive of the server of a console that one holds',
  callers: ['console'],
  within: TOLD_WITHIN,
  audited: 'power',
  answers: { 204: null },
  problems: [...HELD, ...MEDIA],
});
