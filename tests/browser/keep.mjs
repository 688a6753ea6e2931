// Of all pictures only those that a document shows are kept beside it, with a palette of at most
// 256 colours: flat areas look the same, and a picture is a third as large.
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const SHOWN = /screenshots\/([\w.-]+\.png)/g;

/** Names of the pictures that documents below `root` show. */
export function shownIn(root) {
  const documents = ['README.md', 'README.zh-CN.md',
    ...readdirSync(join(root, 'docs')).map((name) => join('docs', name))]
    .filter((name) => name.endsWith('.md'));
  return new Set(documents.flatMap((name) =>
    [...readFileSync(join(root, name), 'utf8').matchAll(SHOWN)].map(([, picture]) => picture)));
}

/** Takes over what is shown and was taken; gives the names. */
export function keep(root, taken, kept) {
  const names = [...shownIn(root)].filter((name) => existsSync(join(taken, name)));
  for (const name of names) {
    execFileSync('pngquant', ['--force', '--strip', '--speed', '1', '--output', join(kept, name),
      '256', join(taken, name)]);
  }
  return names;
}
