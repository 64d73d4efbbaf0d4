/**
 * `node stock.mjs GUACD_PORT KEY`: guacamole-lite as it comes, set up as its documentation says, with
 * what it prints about each connection and its limit of ten quiet seconds off. Prints its port.
 */
import { once } from 'node:events';
import Server from 'guacamole-lite';

const [guacdPort, key] = process.argv.slice(2);
const server = new Server(
  { host: '127.0.0.1', port: 0 },
  { host: '127.0.0.1', port: Number(guacdPort) },
  { crypt: { cypher: 'AES-256-CBC', key }, log: { level: 'ERRORS' }, maxInactivityTime: 0 },
);
await once(server.webSocketServer, 'listening');
console.log(server.webSocketServer.address().port);
