// How much script the overview loads, as it goes over the line: a build with too much of it fails.
// A map is a library of its own, loaded when it is opened: it is not counted.
import { gzipSync } from 'node:zlib';

import type { Plugin } from 'vite';

const GZIP_MAX_BYTES = 450_000;

export function overviewSize(maxBytes = GZIP_MAX_BYTES): Plugin {
  return {
    name: 'overview-size',
    apply: 'build',
    writeBundle(_, bundle) {
      const sizes = new Map<string, number>();
      // What is loaded before anything is shown: the page's own script and all that it imports.
      const waiting = Object.values(bundle)
        .flatMap((file) => (file.type === 'chunk' && file.isEntry ? file.fileName : []));
      for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
        const file = bundle[name];
        if (file?.type === 'chunk' && !sizes.has(name)) {
          sizes.set(name, gzipSync(file.code).length);
          waiting.push(...file.imports);
        }
      }
      const total = [...sizes.values()].reduce((sum, bytes) => sum + bytes, 0);
      const told = `scripts of the overview: ${total} of at most ${maxBytes} bytes (gzip)`;
      if (total === 0 || total > maxBytes) {
        const lines = [...sizes].map(([name, bytes]) => `  ${bytes} ${name}`).join('\n');
        this.error(`${told}\n${lines}\nhint: import a page or a library where it is used`);
      }
      this.info(told);
    },
  };
}
