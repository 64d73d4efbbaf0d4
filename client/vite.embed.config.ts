import { join } from 'node:path';
import { defineConfig } from 'vite';

/** `embed.js`: one script at a fixed address, since portals name it in their pages. */
export default defineConfig({
  root: import.meta.dirname,
  publicDir: false,
  build: {
    outDir: '../dist/client',
    emptyOutDir: false,
    target: ['chrome120', 'edge120', 'firefox121', 'safari17'],
    lib: {
      entry: join(import.meta.dirname, 'src/embed/embed.ts'),
      name: 'rackside',
      formats: ['iife'],
      fileName: () => 'embed.js',
    },
  },
});
