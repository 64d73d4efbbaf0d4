/** From a click on "connect" to the first picture: a real guacd and a real VNC server. */
import { once } from 'node:events';
import { connect } from 'node:net';
import { performance } from 'node:perf_hooks';
import { WebSocket } from 'ws';

const SYNC = '4.sync,';

/** Milliseconds from the WebSocket's opening to the first sync. @param {string} url */
export async function throughTunnel(url) {
  const began = performance.now();
  const socket = new WebSocket(url, 'guacamole');
  const took = await new Promise((resolve, reject) => {
    socket.on('message', (data) => {
      if (data.includes(SYNC)) resolve(performance.now() - began);
    });
    socket.on('close', (code) => reject(new Error(`${url.split('?')[0]} closed with ${code}`)));
    socket.on('error', reject);
  });
  socket.terminate();
  return took;
}

/** The same, spoken with guacd itself. @param {number} port @param {Record<string, string>} settings */
export async function direct(port, settings) {
  const began = performance.now();
  const socket = connect({ port, host: '127.0.0.1', noDelay: true });
  await once(socket, 'connect');
  socket.write(instruction('select', 'vnc'));
  let text = '';
  for await (const chunk of socket.setEncoding('utf8')) {
    text += chunk;
    const end = text.indexOf(';');
    if (text.startsWith('4.args') && end > 0) {
      const names = text
        .slice(0, end)
        .split(',')
        .slice(1)
        .map((each) => each.slice(each.indexOf('.') + 1));
      const values = names.map((name) =>
        name.startsWith('VERSION_') ? name : (settings[name] ?? ''),
      );
      const image = ['image', 'image/png', 'image/jpeg'];
      const said = [['size', 1024, 768, 96], ['audio'], ['video'], image, ['connect', ...values]];
      socket.write(said.map((each) => instruction(...each)).join(''));
      text = text.slice(end + 1);
    }
    // Ends the loop, which destroys the socket.
    if (text.includes(SYNC)) break;
  }
  return performance.now() - began;
}

function instruction(...elements) {
  return `${elements.map((each) => `${String(each).length}.${each}`).join(',')};`;
}
