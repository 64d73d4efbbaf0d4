import { lookup } from 'node:dns/promises';
import type { Config } from '../../config.ts';
import { isLoopback } from '../../platform/loopback.ts';
import type { Finding } from './finding.ts';

const WHAT = 'publicUrl';
const ANY_ADDRESS = /^(0\.0\.0\.0|::|\[::\])$/;

/** Whether browsers can come where the consoles' URLs send them, and safely. */
export async function checkPublicUrl(
  config: Pick<Config, 'publicUrl' | 'listen'>,
): Promise<Finding[]> {
  const { publicUrl, listen } = config;
  if (publicUrl === undefined) return [withoutPublicUrl(listen.host)];
  const { protocol, hostname, origin } = publicUrl;
  if (ANY_ADDRESS.test(hostname)) {
    return [wrong(`${origin} is no address that a browser can open; write the gateway's name`)];
  }
  if (isLoopback(hostname)) {
    return isLoopback(listen.host)
      ? [ok(`${origin}, for browsers on this machine alone`)]
      : [wrong(`${origin} leads other machines' browsers to themselves; write the gateway's name`)];
  }
  const findings: Finding[] = [];
  if (protocol === 'http:') {
    findings.push(
      wrong(
        `${origin} sends launch keys and cookies unencrypted; put a proxy with TLS in front and write https`,
      ),
    );
  } else if (listen.trustedProxies.length === 0) {
    findings.push({
      level: 'note',
      what: WHAT,
      message: `${origin} needs a proxy with TLS, and none is in listen.trustedProxies: every browser will seem to come from the proxy's address`,
    });
  }
  if (!(await resolves(hostname))) {
    findings.push(
      wrong(
        `${hostname} is unknown to this machine's name server; correct the name, or make it known`,
      ),
    );
  }
  return findings.length > 0 ? findings : [ok(origin)];
}

function withoutPublicUrl(host: string): Finding {
  if (isLoopback(host)) return ok(`none: consoles open in browsers on this machine alone`);
  if (ANY_ADDRESS.test(host)) {
    return wrong(
      `none, and ${host} is no address that a browser can open; write where browsers come`,
    );
  }
  return wrong(
    `none, so launch keys and cookies go to ${host} unencrypted; put a proxy with TLS in front and write its https address`,
  );
}

async function resolves(hostname: string): Promise<boolean> {
  return lookup(hostname.replace(/^\[|\]$/g, '')).then(
    () => true,
    () => false,
  );
}

function ok(message: string): Finding {
  return { level: 'ok', what: WHAT, message };
}

function wrong(message: string): Finding {
  return { level: 'wrong', what: WHAT, message };
}
