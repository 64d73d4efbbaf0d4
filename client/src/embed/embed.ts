/** `/embed.js`: what a portal loads to show consoles in its own pages. */
import { RacksideConsole } from './console-element.ts';

if (!customElements.get('rackside-console')) {
  customElements.define('rackside-console', RacksideConsole);
}
