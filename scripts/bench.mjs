/** `npm run bench [NAME [argument…]]`: runs bench/NAME.mjs; without a name it lists what there is. */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { PROFILES } from './requirements.mjs';
import { setup } from './setup.mjs';

const folder = join(import.meta.dirname, '../bench');
const names = (existsSync(folder) ? readdirSync(folder) : [])
  .filter((file) => file.endsWith('.mjs'))
  .map((file) => file.slice(0, -'.mjs'.length));
const [name, ...args] = process.argv.slice(2);

if (name === undefined) {
  console.log(names.length > 0 ? `benches: ${names.join(', ')}` : 'there are no benches yet');
} else if (!names.includes(name)) {
  console.error(`bench: no ${name}; there are: ${names.join(', ') || 'none'}`);
  process.exitCode = 2;
} else {
  // One that needs other things has a profile of its own.
  setup(Object.hasOwn(PROFILES, `bench-${name}`) ? `bench-${name}` : 'bench');
  const file = join(folder, `${name}.mjs`);
  process.argv = [process.argv[0], file, ...args];
  await import(pathToFileURL(file).href);
}
