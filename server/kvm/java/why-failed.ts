import type { StatusCode } from '../../contract/index.ts';
import type { ProgramEnd } from './java-channel.ts';

/** What a JVM and icedtea-web say of programs that do not run, and what it means here. */
const KNOWN: readonly (readonly [RegExp, StatusCode, (major: number) => string])[] = [
  [
    /UnsupportedClassVersionError/,
    'kvm_java_missing',
    (major) => `its console needs a newer Java than ${major}, which it was run with`,
  ],
  [
    /(NoClassDefFoundError|ClassNotFoundException|NoSuchMethodError|IllegalAccessError|InaccessibleObjectException)\W+.*\b(java|javax|sun|com\.sun)[./]/,
    'kvm_java_missing',
    (major) => `its console needs an older Java than ${major}, which it was run with`,
  ],
  [
    /unsigned jars|not signed/i,
    'kvm_java_failed',
    () => 'its Java console is not signed, and Java does not run it',
  ],
  [
    /UnsatisfiedLinkError/,
    'kvm_java_failed',
    () => 'its Java console has no native library for this kind of machine',
  ],
];

/** Why a console's program has ended before it had a window. */
export function whyFailed(
  { code, words }: ProgramEnd,
  major: number,
): { readonly status: StatusCode; readonly what: string } {
  for (const [pattern, status, what] of KNOWN) {
    if (pattern.test(words)) return { status, what: what(major) };
  }
  return { status: 'kvm_java_failed', what: `its Java console does not start (exit code ${code})` };
}
