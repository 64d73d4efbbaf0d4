/**
 * guacd's own dark blue, dark red and dark grey can hardly be read on its black. These have a contrast of
 * 4.5:1 or more there, and so has faint text, which guacd makes half as bright. The syntax is that of
 * its parameter `color-scheme` (Guacamole manual, "Controlling terminal display behavior").
 */
const COLORS = {
  foreground: 'ee/ee/ee',
  background: '00/00/00',
  color1: 'f0/60/60',
  color2: '4e/c9/4e',
  color3: 'd7/ba/4a',
  color4: '6c/9c/ff',
  color5: 'd6/7a/d6',
  color6: '45/c5/c5',
  color7: 'd4/d4/d4',
  color8: '8c/8c/8c',
  color9: 'ff/87/87',
  color12: '94/b8/ff',
  color13: 'ff/9e/ff',
};

/** How a terminal looks unless the machine's own parameters say otherwise. */
export const TERMINAL_COLORS = Object.entries(COLORS)
  .map(([name, color]) => `${name}: rgb:${color}`)
  .join('; ');
