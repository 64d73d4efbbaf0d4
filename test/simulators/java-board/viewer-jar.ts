import { execFile } from 'node:child_process';
import { copyFile, mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { inTempDir } from '../../support/temp-dir.ts';

const run = promisify(execFile);
const SOURCE = join(import.meta.dirname, 'KvmViewer.java');
const STORE = 'not-secret';
/** Of boards of 2012: neither counts as a signature for a Java of today. */
const WEAK = { key: ['-keyalg', 'RSA', '-keysize', '1024'], signature: 'MD5withRSA' } as const;

export interface ViewerJars {
  readonly signed: Buffer;
  readonly unsigned: Buffer;
}

let made: Promise<ViewerJars> | undefined;

/** The board's viewer, compiled for Java 8 and signed with MD5 and RSA of 1024 bits; made once. */
export function viewerJars(): Promise<ViewerJars> {
  made ??= inTempDir('viewer', async ({ path, stop }) => {
    const [classes, jar, signed] = [
      join(path, 'classes'),
      join(path, 'a.jar'),
      join(path, 'b.jar'),
    ];
    const store = ['-keystore', join(path, 'keys'), '-storepass', STORE, '-keypass', STORE];
    await mkdir(classes);
    await Promise.all([
      run('javac', ['-nowarn', '--release', '8', '-d', classes, SOURCE]),
      run('keytool', [
        ...['-genkeypair', ...store, '-alias', 'board', '-storetype', 'jks', ...WEAK.key],
        ...['-sigalg', WEAK.signature, '-dname', 'CN=Board', '-validity', '2'],
      ]),
    ]);
    await run('jar', ['cfe', jar, 'KvmViewer', '-C', classes, '.']);
    await copyFile(jar, signed);
    const signing = [...store, '-digestalg', 'MD5', '-sigalg', WEAK.signature];
    await run('jarsigner', [...signing, signed, 'board']);
    const jars = { signed: await readFile(signed), unsigned: await readFile(jar) };
    await stop();
    return jars;
  });
  return made;
}
