import rfb from 'rfb2';
import type { Image } from './image.ts';

/**
 * The whole screen as the VNC server has it, without the mouse pointer. Asks by a VNC client that
 * shares nothing with what is tested; rejects after 10 s.
 */
export async function grabFramebuffer(server: {
  host: string;
  port: number;
  password: string;
}): Promise<Image> {
  const { raw, pseudoCursor } = rfb.encodings;
  const client = rfb.createConnection({
    host: server.host,
    port: server.port,
    password: server.password,
    // A client that draws the pointer itself gets it apart from the picture.
    encodings: [raw, pseudoCursor],
  });
  const picture = new Promise<Image>((resolve, reject) => {
    let data: Uint8Array | undefined;
    let missing = 0;
    client.on('error', (error) => {
      reject(error instanceof Error ? error : new Error(`VNC server: ${String(error)}`));
    });
    client.stream.once('close', () => reject(new Error('the VNC server has hung up')));
    // rfb2 asks for the whole screen by itself; rectangles of one update do not overlap.
    client.on('rect', (rect) => {
      if (rect.encoding !== raw) return;
      const { width, height } = client;
      if (!data) {
        data = new Uint8Array(width * height * 4);
        missing = width * height;
      }
      const shifts = [client.redShift, client.greenShift, client.blueShift] as const;
      for (let row = 0; row < rect.height; row += 1) {
        let to = ((rect.y + row) * width + rect.x) * 4;
        let from = row * rect.width * 4;
        for (let column = 0; column < rect.width; column += 1, from += 4) {
          const value = rect.data.readUInt32LE(from);
          for (const shift of shifts) data[to++] = (value >>> shift) & 0xff;
          data[to++] = 0xff;
        }
      }
      missing -= rect.width * rect.height;
      if (missing <= 0) resolve({ width, height, data });
    });
  });
  const late = new Promise<never>((_, reject) => {
    AbortSignal.timeout(10_000).onabort = () =>
      reject(new Error('the VNC server sent no whole picture in 10 s'));
  });
  try {
    return await Promise.race([picture, late]);
  } finally {
    client.end();
  }
}
