import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { GatewayError } from '../../errors.ts';
import type { KvmJava } from '../../providers/provider-context.ts';

/** A Java that can show windows. */
export interface InstalledJava {
  readonly major: number;
  /** Full path of `java`. */
  readonly executable: string;
}

/** icedtea-web and what it runs on. */
export interface WebStart extends InstalledJava {
  readonly jars: readonly string[];
  /** What Java of 9 and later is told besides. */
  readonly moduleArguments: string;
}

const JRES = '/usr/lib/jvm';
/** icedtea-web 1.8: older ones cannot read it, newer ones have taken away what it is built on. */
const OLDEST = 8;
const NEWEST = 17;
const NETX = '/usr/share/icedtea-web/javaws.jar';
const JARS = [NETX, '/usr/share/java/js.jar', '/usr/share/java/tagsoup.jar'];
const MODULE_ARGUMENTS = '/usr/share/icedtea-web/bin/itw-modularjdk.args';
/** Where a Java has what draws on X; one without it is headless. */
const DRAWS = [
  'lib/libawt_xawt.so',
  'jre/lib/amd64/libawt_xawt.so',
  'jre/lib/aarch64/libawt_xawt.so',
];

/**
 * What runs a Java console here: of the Javas that are installed and that will do, the oldest, since the
 * programs are of its time.
 *
 * @throws GatewayError `kvm_unavailable` where there is none at all, `kvm_java_missing` where there is,
 * but not the one that is wanted.
 */
export function findWebStart(name: string, wanted: KvmJava['javaVersion']): WebStart {
  const programs = ['xterm', 'xprop', 'ip'].filter(
    (program) =>
      !['/usr/bin', '/bin', '/usr/sbin', '/sbin'].some((at) => existsSync(`${at}/${program}`)),
  );
  const javas = installedJavas();
  if (!existsSync(NETX)) programs.unshift('icedtea-netx');
  if (javas.length === 0) programs.push('a Java with a display');
  if (programs.length > 0) {
    const message = `${name}: Java consoles need programs that are not here: ${programs.join(', ')}`;
    throw new GatewayError('kvm_unavailable', message);
  }
  const found = chooseJava(javas, wanted);
  if (found) return { ...found, jars: JARS.filter(existsSync), moduleArguments: MODULE_ARGUMENTS };
  const here = javas.map(({ major }) => major).join(', ');
  const word = `Java ${wanted?.major}${wanted?.orNewer ? ' or newer' : ''}`;
  const message = `${name}: its console needs ${word} (kvm.java.javaVersion), and here there is Java ${here}`;
  throw new GatewayError('kvm_java_missing', message);
}

/** The oldest that will do. */
export function chooseJava(
  javas: readonly InstalledJava[],
  wanted: KvmJava['javaVersion'],
): InstalledJava | undefined {
  const fits = ({ major }: InstalledJava): boolean => {
    if (!wanted) return true;
    return wanted.orNewer ? major >= wanted.major : major === wanted.major;
  };
  return javas.filter(fits).toSorted((left, right) => left.major - right.major)[0];
}

function installedJavas(): InstalledJava[] {
  const homes = existsSync(JRES) ? readdirSync(JRES).map((entry) => join(JRES, entry)) : [];
  const found = new Map<number, InstalledJava>();
  for (const home of homes) {
    const executable = join(home, 'bin/java');
    const major = majorOf(home);
    if (major === undefined || !existsSync(executable)) continue;
    if (major < OLDEST || major > NEWEST || !DRAWS.some((path) => existsSync(join(home, path))))
      continue;
    found.set(major, { major, executable });
  }
  return [...found.values()].toSorted((left, right) => left.major - right.major);
}

/** Of `JAVA_VERSION="1.8.0_432"` or `"17.0.15"` in a JRE's file `release`. */
function majorOf(home: string): number | undefined {
  const path = join(home, 'release');
  const text = existsSync(path) ? readFileSync(path, 'utf8') : '';
  const version = /^JAVA_VERSION="(?:1\.)?(\d+)/m.exec(text)?.[1];
  return version === undefined ? undefined : Number(version);
}
