/**
 * Stands where guacd would for machines on whose screens nothing happens: one picture, and `nop` every
 * five seconds as guacd sends it. Prints its port.
 */
import { createServer } from 'node:net';

const NOP = '3.nop;';
const NOP_MS = 5000;
const ARGS = '4.args,13.VERSION_1_5_0,8.hostname,4.port;';
const SHOWN = '5.ready,2.$1;4.size,1.0,4.1024,3.768;4.sync,1.1;';
const sockets = new Set();

const server = createServer({ noDelay: true }, (socket) => {
  let text = '';
  socket.on('error', () => socket.destroy());
  socket.on('close', () => sockets.delete(socket));
  socket.on('data', (chunk) => {
    if (sockets.has(socket)) return;
    text += chunk.toString('latin1');
    if (text.includes('7.connect,')) {
      sockets.add(socket);
      socket.write(SHOWN);
    } else if (text.includes('6.select,') && text.endsWith(';') && !text.includes('4.size,')) {
      socket.write(ARGS);
    }
  });
});
setInterval(() => {
  for (const socket of sockets) socket.write(NOP);
}, NOP_MS);
server.listen({ port: 0, host: '127.0.0.1', backlog: 4096 }, () => {
  console.log(server.address().port);
});
