// The files of a rule set: which names a new one may have, and in which files two sets differ.
// Pure. The station decides; what is said here is said before anything is sent.
import type { Texts } from './draft';
import type { Fault } from './form';

/** Where the site's own rule files lie; bundled ones lie elsewhere and are not written here. */
const FOLDER = 'rules/';
const ENDING = '.toml';
/** As the files of the house: lower-case words with hyphens. */
const NAME = /^[a-z0-9]+(-[a-z0-9]+)*$/;
const NAME_LENGTH_MAX = 60;
/** What a new file begins with: the editor completes the keys of a rule below it. */
export const FIRST_LINES = '[[rule]]\n';

/** The path of a name as typed, with or without folder and ending. */
export function pathOf(typed: string): string {
  const name = typed.trim();
  const bare = name.startsWith(FOLDER) ? name.slice(FOLDER.length) : name;
  return `${FOLDER}${bare.endsWith(ENDING) ? bare : `${bare}${ENDING}`}`;
}

/** A path as people type it. */
export function nameOf(path: string): string {
  return path.startsWith(FOLDER) ? path.slice(FOLDER.length) : path;
}

/** What is wrong with a name for a file beside `files`; null: nothing. */
export function nameFault(typed: string, files: Texts): Fault | null {
  const path = pathOf(typed);
  const name = path.slice(FOLDER.length, -ENDING.length);
  if (!NAME.test(name) || name.length > NAME_LENGTH_MAX) {
    return { key: 'engineer.files.form', holes: { max: NAME_LENGTH_MAX } };
  }
  // Names that differ by case only are one file on many disks.
  const isTaken = Object.keys(files).some((other) => other.toLowerCase() === path);
  return isTaken ? { key: 'engineer.files.taken', holes: { file: path } } : null;
}

export type FileChange = 'added' | 'removed' | 'changed';

/** What became of a file from one set to the other; null: nothing. */
export function changeOf(name: string, from: Texts, to: Texts): FileChange | null {
  const [before, after] = [from[name], to[name]];
  if (before === after) {
    return null;
  }
  if (before === undefined) {
    return 'added';
  }
  return after === undefined ? 'removed' : 'changed';
}

/** The files that differ, in order of their names. */
export function changesOf(from: Texts, to: Texts): { name: string; change: FileChange }[] {
  const names = [...new Set([...Object.keys(from), ...Object.keys(to)])].sort();
  return names.flatMap((name) => {
    const change = changeOf(name, from, to);
    return change === null ? [] : [{ name, change }];
  });
}

/** Files that can be put back: those of the running set, and those that were thrown away. */
export function removedOf(base: Texts, files: Texts, thrown: Texts): string[] {
  const names = new Set([...Object.keys(base), ...Object.keys(thrown)]);
  return [...names].filter((name) => !(name in files)).sort();
}

/** The files without `name`. */
export function without(name: string, files: Texts): Texts {
  return Object.fromEntries(Object.entries(files).filter(([path]) => path !== name));
}

/** The files with `from` under the name `to`; the text stays. */
export function renamed(from: string, to: string, files: Texts): Texts {
  const text = files[from];
  return text === undefined ? files : { ...without(from, files), [to]: text };
}
