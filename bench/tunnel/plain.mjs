/**
 * `node plain.mjs GUACD_PORT`: bytes from one socket to the other and back, and nothing else: what Node and the
 * kernel take for that. Prints its port.
 */
import { connect, createServer } from 'node:net';

const port = Number(process.argv[2]);

const server = createServer({ noDelay: true }, (client) => {
  const guacd = connect({ port, host: '127.0.0.1', noDelay: true });
  for (const [from, to] of [
    [client, guacd],
    [guacd, client],
  ]) {
    from.on('data', (bytes) => {
      if (!to.write(bytes)) from.pause();
    });
    to.on('drain', () => from.resume());
    from.on('error', () => undefined);
    from.on('close', () => to.destroy());
  }
});
server.listen(0, '127.0.0.1', () => console.log(server.address().port));
