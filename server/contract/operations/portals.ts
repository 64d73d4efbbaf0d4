import { eqAnswer, eqForm } from '../hostkey.ts';
import { launchQuery } from '../launch.ts';
import { operation } from '../operation.ts';
import { tokenLinkQuery } from '../token-link.ts';

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

/** An address at which noVNC was once found. */
function tokenLink(page: string) {
  return operation({
    method: 'GET',
    path: `/${page}.html`,
    tag: 'portals',
    summary: "Follow an old noVNC link with a machine's websockify token, where that is configured",
    callers: [],
    query: tokenLinkQuery,
    answers: { 303: null },
    problems: [
      'launch_link_invalid',
      'forbidden',
      'purpose_required',
      'rate_limited',
      'provider_unavailable',
      'redis_unavailable',
      'internal',
    ],
  });
}

export const followTokenLink = tokenLink('vnc');
export const followAutoTokenLink = tokenLink('vnc_auto');
export const followLiteTokenLink = tokenLink('vnc_lite');
