import { bootAnswer, bootRequest, identifyAnswer, identifyRequest } from '../hardware.ts';
import { operation } from '../operation.ts';
import type { StatusCode } from '../status.ts';

/** What a server can be refused for that is told something. */
const TOLD: StatusCode[] = [
  'forbidden',
  'machine_not_found',
  'power_unavailable',
  'provider_refused',
  'provider_unavailable',
  'bmc_unavailable',
];

export const bootOnce = operation({
  method: 'POST',
  path: '/api/v1/machines/{id}/boot',
  tag: 'machines',
  summary: 'What a server starts from once, by one of its `bootDevices`',
  callers: ['user'],
  audited: 'power',
  body: bootRequest,
  answers: { 202: bootAnswer },
  problems: TOLD,
});

export const identifyMachine = operation({
  method: 'POST',
  path: '/api/v1/machines/{id}/identify',
  tag: 'machines',
  summary: 'The light by which a server is found in its rack, where `identify` is true',
  callers: ['user'],
  audited: 'power',
  body: identifyRequest,
  answers: { 202: identifyAnswer },
  problems: TOLD,
});
