import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { inTempDir } from './temp-dir.ts';

const run = promisify(execFile);

/** A key and how it is signed with; the second is what boards of 2012 have. */
const STRENGTHS = {
  today: ['-newkey', 'rsa:2048'],
  old: ['-newkey', 'rsa:1024', '-sha1'],
} as const;

/** A certificate, signed by itself, for the address 127.0.0.1 and for no name; both in PEM. */
export function makeCertificate(
  strength: keyof typeof STRENGTHS = 'today',
): Promise<{ key: string; cert: string }> {
  return inTempDir('cert', async (dir) => {
    const [key, cert] = [join(dir.path, 'key.pem'), join(dir.path, 'cert.pem')];
    const request = ['req', '-x509', ...STRENGTHS[strength], '-nodes', '-days', '2'];
    const subject = ['-subj', '/CN=rackside', '-addext', 'subjectAltName=IP:127.0.0.1'];
    await run('openssl', [...request, ...subject, '-keyout', key, '-out', cert]);
    const made = { key: await readFile(key, 'utf8'), cert: await readFile(cert, 'utf8') };
    await dir.stop();
    return made;
  });
}
