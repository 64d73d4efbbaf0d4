import { bootAnswer, bootRequest, identifyAnswer, identifyRequest } from '../hardware.ts';
import { driveView, insertRequest, mediaView } from '../media.ts';
import { operation } from '../operation.ts';
import { MEDIA, TOLD, TOLD_WITHIN } from './told.ts';

export const bootOnce = operation({
  method: 'POST',
  path: '/api/v1/machines/{id}/boot',
  tag: 'machines',
  summary: 'What a server starts from once, by one of its `bootDevices`',
  callers: ['user'],
  within: TOLD_WITHIN,
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
  within: TOLD_WITHIN,
  audited: 'power',
  body: identifyRequest,
  answers: { 202: identifyAnswer },
  problems: TOLD,
});

export const showMedia = operation({
  method: 'GET',
  path: '/api/v1/machines/{id}/media',
  tag: 'machines',
  summary: 'The drives that a server’s BMC plays, where `media` is true, and the gateway’s images',
  callers: ['user'],
  within: TOLD_WITHIN,
  answers: { 200: mediaView },
  problems: MEDIA,
});

export const insertMedia = operation({
  method: 'POST',
  path: '/api/v1/machines/{id}/media',
  tag: 'machines',
  summary: 'Put a disk image into a drive of the server',
  callers: ['user'],
  within: TOLD_WITHIN,
  audited: 'power',
  body: insertRequest,
  answers: { 200: driveView },
  problems: [...MEDIA, 'media_inserted'],
});

export const ejectMedia = operation({
  method: 'DELETE',
  path: '/api/v1/machines/{id}/media/{drive}',
  tag: 'machines',
  summary: 'Take the disk image out of a drive',
  callers: ['user'],
  within: TOLD_WITHIN,
  audited: 'power',
  answers: { 204: null },
  problems: MEDIA,
});
