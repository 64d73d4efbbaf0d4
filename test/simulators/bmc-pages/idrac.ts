import { randomBytes } from 'node:crypto';
import { logBook } from '../../support/log-book.ts';
import {
  type BmcPages,
  type BmcSite,
  NOT_FOUND,
  type SiteAnswer,
  type SiteRequest,
} from './bmc-site.ts';
import { consolePage } from './console-page.ts';
import { RedfishSessions, refusal } from './redfish-sessions.ts';

const MANAGER = '/redfish/v1/Managers/iDRAC.Embedded.1';
const SERVICE = `${MANAGER}/Oem/Dell/DelliDRACCardService`;
const ACTION = 'DelliDRACCardService.GetKVMSession';

/** Dell's iDRAC 9, whose console has the older or the newer address. */
export function idrac(form: 'restgui' | 'console') {
  return (site: BmcSite): BmcPages => {
    const redfish = new RedfishSessions(site);
    /** Passwords of one console by their users, and the keys of pages that were opened by them. */
    const temporary = new Map<string, string>();
    const open = new Set<string>();
    const page = (user: string | null, password: string | null): SiteAnswer => {
      if (!user || temporary.get(user) !== password)
        return { body: '<!DOCTYPE html><p>Sign in</p>' };
      temporary.delete(user);
      const key = randomBytes(8).toString('hex');
      open.add(key);
      return { body: consolePage({ socket: `/kvm?key=${key}` }) };
    };
    return {
      mayConnect: ({ path, query }) => path === '/kvm' && open.delete(query.get('key') ?? ''),
      async answer(request): Promise<SiteAnswer> {
        const { method, path, query } = request;
        const found = await redfish.answer(request);
        if (found) return found;
        if (path === '/restgui/vconsole/index.html' && form === 'restgui') {
          if (query.size > 0 && !hasAll(query, ['ip', 'kvmport', 'title'])) return { status: 400 };
          return page(query.get('VCSID'), query.get('VCSID2'));
        }
        if (path === '/console' && form === 'console') {
          if (query.get('username') !== site.username) return { status: 400 };
          return page(query.get('tempUsername'), query.get('tempPassword'));
        }
        if (!path.startsWith('/redfish/')) return NOT_FOUND;
        if (!redfish.isSignedIn(request)) return refusal(401, 'NoValidSession');
        const has = !site.faults.has('licence');
        if (path === MANAGER) return { body: { Id: 'iDRAC.Embedded.1' } };
        if (path === SERVICE) {
          return {
            body: {
              Actions: has ? { [`#${ACTION}`]: { target: `${SERVICE}/Actions/${ACTION}` } } : {},
            },
          };
        }
        if (path === `${SERVICE}/Actions/${ACTION}` && method === 'POST' && has) {
          return temporaryFor(site, request, temporary);
        }
        return refusal(404, 'ResourceMissingAtURI');
      },
    };
  };
}

function temporaryFor(
  site: BmcSite,
  { body }: SiteRequest,
  temporary: Map<string, string>,
): SiteAnswer {
  const { SessionTypeName } = JSON.parse(body) as Record<string, unknown>;
  if (typeof SessionTypeName !== 'string' || SessionTypeName.length > 32) {
    return refusal(400, 'PropertyValueFormatError');
  }
  if (site.consolesFull) return refusal(503, 'SessionLimitExceeded');
  const user = randomBytes(6).toString('hex');
  const password = logBook.secret(randomBytes(9).toString('hex'));
  temporary.set(user, password);
  return { body: { TempUsername: user, TempPassword: password } };
}

function hasAll(query: URLSearchParams, names: readonly string[]): boolean {
  return names.every((name) => query.has(name));
}
