/** `TOKEN=… npx tsx examples/open-console.ts http://127.0.0.1:8080 desk`: a console, followed to its end. */
import { listMachines, openConsole, watchConsole } from '../server/contract/index.ts';
import { GatewayClient, GatewayClientError } from '../server/gateway-client/index.ts';

const [url = 'http://127.0.0.1:8080', wanted = ''] = process.argv.slice(2);
const client = new GatewayClient({ url, token: process.env['TOKEN'] ?? '' });
try {
  const [machine] = (await client.call(listMachines, { query: { q: wanted } })).items;
  if (!machine) throw new Error(`no machine is called ${wanted}`);
  const console = await client.call(openConsole, { body: { machine: machine.id, ttl: 600 } });
  process.stdout.write(`${machine.name}: ${console.url}\n`);
  for await (const event of client.events(watchConsole, { params: { id: console.id } })) {
    process.stdout.write(event.type === 'step' ? `${event.step}\n` : `${event.console.state}\n`);
  }
} catch (error) {
  const code = error instanceof GatewayClientError ? `${error.code}: ` : '';
  process.stderr.write(`${code}${(error as Error).message}\n`);
  process.exitCode = 1;
}
