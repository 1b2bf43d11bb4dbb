import { readFile, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { Plugin } from 'vite';

// WebAssembly packs as well as text does.
const TEXT = /\.(js|css|html|svg|json|webmanifest|wasm)$/;
// Below this a packed copy saves no packet.
const SMALLEST = 1024;

/** Put a gzipped copy beside each text file, and a mark that the build is whole: the server sends the copies as they are. */
export function compress(outDir: string): Plugin {
  return {
    name: 'linli-compress',
    apply: 'build',
    enforce: 'post',
    closeBundle: {
      order: 'post',
      sequential: true,
      async handler() {
        for (const entry of await readdir(outDir, { recursive: true, withFileTypes: true })) {
          if (!entry.isFile() || !TEXT.test(entry.name)) continue;
          const path = join(entry.parentPath, entry.name);
          const bytes = await readFile(path);
          if (bytes.length >= SMALLEST) await writeFile(`${path}.gz`, gzipSync(bytes, { level: 9 }));
        }
        await writeFile(join(outDir, '.ready'), '');
      },
    },
  };
}
