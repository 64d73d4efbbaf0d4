import { eqAnswer, eqForm } from '../hostkey.ts';
import { launchQuery } from '../launch.ts';
import { operation } from '../operation.ts';

export const launch = operation({
  method: 'GET',
  path: '/launch',
  tag: 'portals',
  summary: "Follow a portal's signed link: to the console, or to a page that says why not",
  callers: [],
  query: launchQuery,
  answers: { 303: null },
  problems: [
    'launch_link_invalid',
    'launch_link_expired',
    'launch_link_used',
    'machine_not_found',
    'console_kind_unavailable',
    'provider_unavailable',
    'redis_unavailable',
    'internal',
  ],
});

export const openByForm = operation({
  method: 'POST',
  path: '/eq.php',
  tag: 'portals',
  summary: "HOSTKEY's call for a console, where it is configured; refusals are 200 with ERROR",
  callers: [],
  form: eqForm,
  answers: { 200: eqAnswer, 500: eqAnswer, 502: eqAnswer, 503: eqAnswer, 504: eqAnswer },
});
