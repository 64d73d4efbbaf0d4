import type { Config } from '../../config.ts';
import { parseUrl } from '../../platform/parse-url.ts';
import { type RedisHealth, examineRedis } from '../../platform/redis-health.ts';
import { checkProgram } from './check-program.ts';
import { type Finding, codeOf, reasonOf } from './finding.ts';

const WHAT = 'redis';

type Asked = Pick<Config, 'redis' | 'launch' | 'signIn' | 'users'>;

export async function checkRedis(config: Asked): Promise<Finding[]> {
  const { redis } = config;
  if (redis === undefined) {
    return [
      await checkProgram(
        WHAT,
        'redis-server',
        'install redis-server, or name a Redis in redis.url',
      ),
    ];
  }
  const url = redis.url.reveal();
  const unix = url.startsWith('unix://');
  const where = unix ? url : withoutCredentials(url);
  try {
    const target = unix ? { socketPath: url.slice('unix://'.length) } : { url };
    return findingsOf(where, await examineRedis(target), config);
  } catch (error) {
    const message = `${where}: ${reasonOf(error)}; ${mend(error)}`;
    return [{ level: 'wrong', what: WHAT, message }];
  }
}

function findingsOf(where: string, health: RedisHealth, config: Asked): Finding[] {
  const findings: Finding[] = [
    { level: 'ok', what: WHAT, message: `${where} does what is asked, version ${health.version}` },
  ];
  if (health.evictionPolicy !== null && health.evictionPolicy !== 'noeviction') {
    const message = `${where} throws data away when its memory is full, open consoles too (maxmemory-policy ${health.evictionPolicy}); set maxmemory-policy noeviction`;
    findings.push({ level: 'wrong', what: WHAT, message });
  }
  if (health.appendOnly === false) {
    const unsafe = unsafeWhenLost(config);
    const also = unsafe.map((what) => `, ${what}`).join('');
    const message = `${where} forgets open consoles and sessions when it restarts${also}; set appendonly yes to keep them`;
    findings.push({ level: unsafe.length > 0 ? 'wrong' : 'note', what: WHAT, message });
  }
  return findings;
}

/** What would let somebody in who must not be. */
function unsafeWhenLost({ launch, signIn, users }: Asked): string[] {
  const totp = signIn.totp.length > 0 || users.some((user) => user.totp === 'required');
  return [
    ...(launch.length > 0 ? ['takes used launch links again'] : []),
    ...(totp ? ['lets people in without their second factor'] : []),
  ];
}

/** By the system's error code, or by the first word of Redis's own error. */
function mend(error: unknown): string {
  const key = codeOf(error) ?? /^[A-Z]+\b/.exec(reasonOf(error))?.[0] ?? '';
  return MENDS[key] ?? 'see its log, and correct redis.url';
}

const MENDS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'start it, or correct redis.url',
  ENOENT: 'start it, or correct the path in redis.url',
  EACCES: "let the gateway's user open the socket",
  ENOTFOUND: 'correct the host in redis.url',
  EAI_AGAIN: 'correct the host in redis.url, or the name server',
  NOAUTH: 'put its password into redis.url (redis://:PASSWORD@host)',
  WRONGPASS: 'correct user and password in redis.url',
  NOPERM: 'give this user +@all on ~rackside:* and &rackside:*',
  READONLY: 'this is a replica: name the primary in redis.url',
  MISCONF: 'it cannot save to its disk: see its log',
  OOM: 'its memory is full: give it more (maxmemory)',
};

function withoutCredentials(text: string): string {
  const url = parseUrl(text);
  if (url === null) return 'redis.url';
  const { protocol, host, pathname } = url;
  return `${protocol}//${host}${pathname}`;
}
