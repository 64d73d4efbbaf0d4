/**
 * The VNC parameter `encodings` where a machine has none of its own: what guacd asks the VNC server for, the
 * best first; an empty string leaves it to guacd.
 *
 * Up to guacd 1.4 (`VERSION_1_3_0`) Tight before all that guacd asks for by itself: a whole screen that moves
 * is seen in several times as many pictures (`npm run bench pictures`, docs/pictures.md), and a server
 * that does not know it takes the next. Later ones draw such a screen better with their own list.
 *
 * @param version guacd's, as it announces it: `VERSION_1_3_0`.
 */
export function vncEncodings(version: string): string {
  return version <= 'VERSION_1_3_0' ? 'tight zrle ultra copyrect hextile zlib corre rre raw' : '';
}
