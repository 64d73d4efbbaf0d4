/** A real guacd and a real VNC server, where both are installed. */
import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { findCommand } from '../../scripts/requirements.mjs';
import { Child, freePort, listening } from './child.mjs';

/** @param {string} folder @returns null where there are none */
export async function startDesktop(folder) {
  if (!findCommand('guacd') || !findCommand('Xtigervnc')) return null;
  const { startXvnc } = await import('../../dist/server/demo/xvnc.js');
  const vnc = await startXvnc({ width: 1024, height: 768, dir: folder });
  const port = await freePort();
  const logFile = join(folder, 'real-guacd.log');
  const log = openSync(logFile, 'w');
  const args = ['-f', '-b', '127.0.0.1', '-l', String(port)];
  const guacd = await Child.start(findCommand('guacd'), args, { log, logFile }).finally(() =>
    closeSync(log),
  );
  await listening(port);
  return {
    guacd: { port },
    vnc: { port: vnc.port, password: vnc.password },
    async stop() {
      await guacd.stop();
      await vnc.stop();
    },
  };
}
