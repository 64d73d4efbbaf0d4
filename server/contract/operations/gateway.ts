import { health, openApiDocument, readiness } from '../gateway.ts';
import { operation } from '../operation.ts';

export const isAlive = operation({
  method: 'GET',
  path: '/healthz',
  tag: 'gateway',
  summary: 'The process lives',
  callers: [],
  answers: { 200: health },
});

export const isReady = operation({
  method: 'GET',
  path: '/readyz',
  tag: 'gateway',
  summary: 'Every part that a console needs is there; 503 names those that are missing',
  callers: [],
  answers: { 200: readiness, 503: readiness },
});

export const describeApi = operation({
  method: 'GET',
  path: '/api/v1/openapi.json',
  tag: 'gateway',
  summary: 'This document, OpenAPI 3.1; /api/docs shows it',
  callers: [],
  answers: { 200: openApiDocument, 304: null },
});
