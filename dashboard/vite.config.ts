import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import react from '@vitejs/plugin-react';
import { defineConfig, type Plugin } from 'vite';

const SERVICE = process.env.TANDEM_URL ?? 'http://127.0.0.1:4000';
const outDir = fileURLToPath(new URL('../dist/dashboard', import.meta.url));

/** Writes a compressed copy beside each file, so that the service has nothing to compress while it answers. */
const compressedCopies: Plugin = {
  name: 'compressed-copies',
  apply: 'build',
  closeBundle() {
    for (const entry of readdirSync(outDir, { recursive: true, withFileTypes: true })) {
      if (!entry.isFile() || !/\.(html|js|css|svg)$/.test(entry.name)) continue;
      const path = join(entry.parentPath, entry.name);
      const content = readFileSync(path);
      writeFileSync(`${path}.br`, brotliCompressSync(content));
      writeFileSync(`${path}.gz`, gzipSync(content, { level: 9 }));
    }
  },
};

export default defineConfig({
  root: fileURLToPath(new URL('.', import.meta.url)),
  plugins: [react(), compressedCopies],
  build: {
    outDir,
    emptyOutDir: true,
    target: 'es2023',
    // Files only: the Content-Security-Policy allows no data: scripts or styles.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  server: { proxy: { '/graphql': { target: SERVICE, ws: true }, '/sign-in.json': { target: SERVICE } } },
});
