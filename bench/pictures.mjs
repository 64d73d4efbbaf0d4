/**
 * `npm run bench pictures [rounds [seconds [encodings…]]]`: how many pictures a second a person sees in Chromium of a
 * whole moving screen of 1920x1080, by each list of the VNC parameter `encodings`: guacd's own, and those that
 * are given, or the gateway's.
 */
import { register } from 'tsx/esm/api';

register();
const { vncEncodings } = await import('../server/tunnel/vnc-encodings.ts');
const { GUACD_DEFAULT, OFFERED, measurePictures } = await import(
  '../test/browser/support/pictures/picture-rate.ts'
);

const [rounds = '3', seconds = '6', ...given] = process.argv.slice(2);
const others = given.length > 0 ? given : [vncEncodings('VERSION_1_3_0')];
const rates = measurePictures({
  encodings: [GUACD_DEFAULT, ...others],
  rounds: Number(rounds),
  seconds: Number(seconds),
});

console.log('| VNC server | what moves | `encodings` | pictures a second | guacd | VNC server |');
console.log('|---|---|---|---|---|---|');
for await (const { server, content, encodings, frames, guacd, vncServer } of rates) {
  const name = encodings === GUACD_DEFAULT ? "guacd's own" : `\`${encodings}\``;
  const what = `${content}, ${OFFERED[content]} offered`;
  const shares = [guacd, vncServer].map((share) => `${Math.round(share)} %`);
  console.log(`| ${[server, what, name, frames.toFixed(1), ...shares].join(' | ')} |`);
}
process.exit(0);
