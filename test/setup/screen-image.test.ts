import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, it } from 'mocha';
import { parseDockerfile } from './dockerfile.ts';

const root = join(import.meta.dirname, '../..');
const CONTAINERFILE = 'server/kvm/image/Containerfile';
const SERVER = join(root, 'dist/server');

/** What a built file imports, and what those do. */
async function importsOf(
  file: string,
  seen = new Map<string, string>(),
): Promise<Map<string, string>> {
  const source = await readFile(file, 'utf8');
  for (const [, specifier = ''] of source.matchAll(
    /^(?:import|export)\b[^'";]*from\s+['"]([^'"]+)['"]/gm,
  )) {
    const target = specifier.startsWith('.') ? join(dirname(file), specifier) : specifier;
    if (seen.has(target)) continue;
    seen.set(target, file);
    if (specifier.startsWith('.')) await importsOf(target, seen);
  }
  return seen;
}

describe('the image of the screens', () => {
  const stages = async () => parseDockerfile(await readFile(join(root, CONTAINERFILE), 'utf8'));

  it('starts from what is pinned, and ends as an unprivileged user', async () => {
    const parsed = await stages();
    for (const { image } of parsed) assert.match(image, /^node:\d+-bookworm-slim$/);
    const user = parsed.at(-1)?.instructions.findLast(({ name }) => name === 'USER')?.text;
    assert.match(user ?? '', /^[1-9]\d+:[1-9]\d+$/);
  });

  it('has what a screen needs on the gateway’s own machine', async () => {
    const docs = await readFile(join(root, 'docs/bmc-consoles.md'), 'utf8');
    const [, named = ''] = /apt-get install (.+)/.exec(docs) ?? [];
    const needed = named.split(' ').filter((name) => name !== 'bubblewrap');
    const text =
      (await stages()).at(-1)?.instructions.find(({ name }) => name === 'RUN')?.text ?? '';
    assert.ok(needed.length > 3);
    for (const name of needed) assert.ok(text.split(/\s+/).includes(name), name);
  });

  it('runs a program that knows no package, with the start script beside what runs it', async () => {
    const imports = await importsOf(join(SERVER, 'kvm/screen-main.js'));
    const packages = [...imports].filter(
      ([target]) => !target.startsWith('/') && !target.startsWith('node:'),
    );
    assert.deepEqual(packages, []);
    assert.ok(imports.has(join(SERVER, 'kvm/local/launcher.js')));
    const built = await readFile(join(SERVER, 'kvm/local/launch.sh'), 'utf8');
    assert.equal(built, await readFile(join(root, 'server/kvm/local/launch.sh'), 'utf8'));
    const entry = (await stages())
      .at(-1)
      ?.instructions.findLast(({ name }) => name === 'ENTRYPOINT')
      ?.words.at(-1);
    assert.ok(existsSync(join(root, 'dist', entry ?? '')));
  });
});
