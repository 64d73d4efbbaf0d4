import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { shellProfile } from './shell-profile.ts';

/** Colours of the demo desktop: slate and a quiet green, readable in a scaled picture. */
export const COLOURS = {
  desk: '#1f2b3a',
  dots: '#2b3a4d',
  paper: '#0f1720',
  ink: '#dce5ee',
  frame: '#33465c',
  accent: '#6ee7b7',
  muted: '#8ca0b5',
} as const;

const FONT = 'DejaVu Sans';

/** Paths of what {@link writeDesktopFiles} wrote. */
export interface DesktopFiles {
  openboxConfig: string;
  /** X resources, for the environment variable XENVIRONMENT. */
  resources: string;
  /** An X bitmap to tile the background with. */
  tile: string;
  /** Appears when the first shell shows its first prompt. */
  prompted: string;
}

/** Writes the desktop's settings below `home`, which is also the desktop's HOME. */
export async function writeDesktopFiles(home: string): Promise<DesktopFiles> {
  const config = join(home, '.config/rackside');
  const theme = join(home, '.themes/Rackside/openbox-3');
  await mkdir(config, { recursive: true });
  await mkdir(theme, { recursive: true });
  const files: DesktopFiles = {
    openboxConfig: join(config, 'rc.xml'),
    resources: join(config, 'resources'),
    tile: join(config, 'tile.xbm'),
    prompted: join(config, 'prompted'),
  };
  const menu = join(config, 'menu.xml');
  await Promise.all([
    writeFile(files.openboxConfig, openboxConfig(menu)),
    writeFile(menu, MENU),
    writeFile(join(theme, 'themerc'), THEME),
    writeFile(files.resources, RESOURCES),
    writeFile(
      join(home, '.bashrc'),
      shellProfile(
        'demo',
        ['Welcome to Rackside: type here', 'Click the desktop for another terminal.'],
        files.prompted,
      ),
    ),
    writeFile(files.tile, dottedTile()),
  ]);
  return files;
}

/** The terminal at the left, as large as leaves room for the clock; sizes in characters. */
export function terminalArgs({ width, height }: { width: number; height: number }): string[] {
  const columns = Math.max(40, Math.min(96, Math.floor((width - 400) / 11)));
  const rows = Math.max(10, Math.min(28, Math.floor((height - 180) / 21)));
  return ['-T', 'Terminal', '-geometry', `${columns}x${rows}+48+48`];
}

/** An analogue clock with a second hand, so that a frozen picture is seen at a glance. */
export const CLOCK_ARGS = '-analog -update 1 -padding 12 -geometry 200x200-48+48'.split(' ');

function openboxConfig(menu: string): string {
  const font = (place: string, weight: string) =>
    `<font place="${place}"><name>${FONT}</name><size>10</size><weight>${weight}</weight></font>`;
  const bind = (button: string, action: string, actions: string) =>
    `<mousebind button="${button}" action="${action}">${actions}</mousebind>`;
  const does = (...names: string[]) => names.map((name) => `<action name="${name}"/>`).join('');
  const menuOf = (name: string) => `<action name="ShowMenu"><menu>${name}</menu></action>`;
  return `<?xml version="1.0" encoding="UTF-8"?>
<openbox_config xmlns="http://openbox.org/3.4/rc">
  <focus><focusNew>yes</focusNew></focus>
  <theme>
    <name>Rackside</name><titleLayout>LMC</titleLayout><keepBorder>yes</keepBorder>
    ${font('ActiveWindow', 'Bold')}${font('InactiveWindow', 'Normal')}${font('MenuItem', 'Normal')}
  </theme>
  <desktops><number>1</number><popupTime>0</popupTime></desktops>
  <keyboard><keybind key="A-Tab">${does('NextWindow')}</keybind></keyboard>
  <mouse>
    <context name="Titlebar">
      ${bind('Left', 'Press', does('Focus', 'Raise'))}
      ${bind('Left', 'Drag', does('Move'))}
      ${bind('Left', 'DoubleClick', does('ToggleMaximize'))}
    </context>
    <context name="Frame">${bind('A-Left', 'Drag', does('Move'))}</context>
    <context name="Client">${bind('Left', 'Press', does('Focus', 'Raise'))}</context>
    <context name="BRCorner">${bind('Left', 'Drag', does('Resize'))}</context>
    <context name="BLCorner">${bind('Left', 'Drag', does('Resize'))}</context>
    <context name="Bottom">${bind('Left', 'Drag', does('Resize'))}</context>
    <context name="Close">${bind('Left', 'Click', does('Close'))}</context>
    <context name="Maximize">${bind('Left', 'Click', does('ToggleMaximize'))}</context>
    <context name="Root">
      ${bind('Left', 'Press', menuOf('root-menu'))}
      ${bind('Right', 'Press', menuOf('root-menu'))}
    </context>
  </mouse>
  <menu><file>${menu}</file></menu>
  <applications>
    <application class="XClock"><decor>no</decor><focus>no</focus></application>
  </applications>
</openbox_config>
`;
}

const MENU = `<?xml version="1.0" encoding="UTF-8"?>
<openbox_menu xmlns="http://openbox.org/3.4/menu">
  <menu id="root-menu" label="Desktop">
    <item label="New terminal"><action name="Execute"><command>xterm -T Terminal</command></action></item>
  </menu>
</openbox_menu>
`;

const THEME = `
border.width: 1
padding.width: 8
padding.height: 6
window.client.padding.width: 0
window.handle.width: 4
window.*.border.color: ${COLOURS.frame}
window.*.title.bg: flat solid
window.active.title.bg.color: ${COLOURS.frame}
window.inactive.title.bg.color: ${COLOURS.dots}
window.*.title.separator.color: ${COLOURS.paper}
window.*.label.bg: parentrelative
window.active.label.text.color: ${COLOURS.ink}
window.inactive.label.text.color: ${COLOURS.muted}
window.label.text.justify: left
window.*.handle.bg: flat solid
window.*.handle.bg.color: ${COLOURS.frame}
window.*.grip.bg: flat solid
window.*.grip.bg.color: ${COLOURS.frame}
window.*.button.*.bg: parentrelative
window.*.button.*.image.color: ${COLOURS.muted}
window.active.button.hover.image.color: ${COLOURS.accent}
menu.border.width: 1
menu.border.color: ${COLOURS.frame}
menu.items.bg: flat solid
menu.items.bg.color: ${COLOURS.paper}
menu.items.text.color: ${COLOURS.ink}
menu.items.active.bg: flat solid
menu.items.active.bg.color: ${COLOURS.frame}
menu.items.active.text.color: ${COLOURS.accent}
menu.title.bg: flat solid
menu.title.bg.color: ${COLOURS.frame}
menu.title.text.color: ${COLOURS.ink}
`;

// waitForMap: the shell starts when its window is on the screen, so that its first prompt says both.
const RESOURCES = `
XTerm*faceName: DejaVu Sans Mono
XTerm*faceSize: 13
XTerm*background: ${COLOURS.paper}
XTerm*foreground: ${COLOURS.ink}
XTerm*cursorColor: ${COLOURS.accent}
XTerm*internalBorder: 14
XTerm*waitForMap: true
XTerm*utmpInhibit: true
XTerm*selectToClipboard: true
XTerm*VT100.Translations: #override \\
  Ctrl Shift <Key>C: copy-selection(CLIPBOARD) \\n\\
  Ctrl Shift <Key>V: insert-selection(CLIPBOARD)
XTerm*color2: ${COLOURS.accent}
XTerm*color8: ${COLOURS.muted}
XTerm*color10: ${COLOURS.accent}
XTerm*color4: #7cb7ff
XClock*Foreground: ${COLOURS.ink}
XClock*secondColor: ${COLOURS.accent}
XClock*Background: ${COLOURS.desk}
`;

/** A 32 by 32 pixel tile with one dot, in the X bitmap format. */
function dottedTile(): string {
  const rows = Array.from({ length: 32 }, (_, y) =>
    y === 15 || y === 16 ? '0x00,0x80,0x01,0x00' : '0x00,0x00,0x00,0x00',
  );
  return `#define tile_width 32\n#define tile_height 32\nstatic unsigned char tile_bits[] = {\n${rows.join(',\n')}};\n`;
}
