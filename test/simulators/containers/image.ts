import { readFile, writeFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { parseDockerfile } from '../../setup/dockerfile.ts';

const root = join(import.meta.dirname, '../../..');
const CONTAINERFILE = 'server/kvm/image/Containerfile';

/** The image of the screens as container-cli.mjs runs it: what the Containerfile says, on this system. */
export const IMAGE_NAME = 'rackside/screen:test';

/** Writes it where the stand-in looks. What Debian's packages bring is this system's own. */
export async function writeImage(state: string): Promise<void> {
  const stage = parseDockerfile(await readFile(join(root, CONTAINERFILE), 'utf8')).at(-1);
  const of = (name: string) => stage?.instructions.filter((each) => each.name === name) ?? [];
  const [first, dashes, ...entrypoint] = of('ENTRYPOINT').at(-1)?.words ?? [];
  // bubblewrap has a first process of its own that buries the others.
  if (first !== 'tini' || dashes !== '--') throw new Error('the image begins with tini');
  const workdir = of('WORKDIR').at(-1)?.text ?? '/';
  const copies = of('COPY').flatMap(({ words }) => {
    const to = words.at(-1) ?? '';
    return words.slice(0, -1).flatMap((from) => {
      const source = from.replace(/^\/app\//, '');
      const target = to.endsWith('/') ? join(workdir, to, source) : join(workdir, to);
      return ['--ro-bind', join(root, source), target];
    });
  });
  const links = of('RUN').flatMap(({ text }) =>
    [...text.matchAll(/ln -s (\S+) (\S+)/g)].flatMap(([, to = '', at = '']) => [
      ...['--symlink', to, at],
    ]),
  );
  const mounts = [
    ...['--ro-bind', '/usr', '/usr'],
    ...['bin', 'lib', 'lib32', 'lib64', 'sbin']
      .filter((name) => existsSync(`/${name}`))
      .flatMap((name) => ['--symlink', `usr/${name}`, `/${name}`]),
    ...[
      'alternatives',
      'chromium.d',
      'fonts',
      'ld.so.cache',
      'nsswitch.conf',
      'passwd',
      'ssl/certs',
      'X11',
    ]
      .map((name) => `/etc/${name}`)
      .flatMap((path) => ['--ro-bind-try', path, path]),
    ...['--ro-bind-try', '/etc/resolv.conf', '/etc/resolv.conf'],
    ...['--ro-bind', process.execPath, '/opt/bin/node'],
    ...copies,
    ...links,
  ];
  const image = { name: IMAGE_NAME, entrypoint, workdir, mounts, user: of('USER').at(-1)?.text };
  await writeFile(join(state, 'image.json'), JSON.stringify(image));
}
