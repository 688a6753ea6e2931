// The rule texts that somebody is writing: kept through a reload and a session that ends. Pure but
// for the store that is passed in. Never throws what was typed away by itself.
import type { RuleSet } from '../api/contract';

export type Texts = Record<string, string>;

/** What is kept of a draft. */
export interface Draft {
  /** The version it began from. */
  base: number;
  files: Texts;
}

const KEY = 'siskin.rules.draft';

/** The files of a set that may be written: bundled ones stay as they are. */
export function textsOf(set: RuleSet): Texts {
  const own = set.files.filter((file) => !file.is_bundled);
  return Object.fromEntries(own.map(({ path, text }) => [path, text]));
}

export function isSame(a: Texts, b: Texts): boolean {
  const names = Object.keys(a);
  return names.length === Object.keys(b).length && names.every((name) => a[name] === b[name]);
}

function isTexts(value: unknown): value is Texts {
  return typeof value === 'object' && value !== null
    && Object.values(value).every((text) => typeof text === 'string');
}

function isDraft(value: unknown): value is Draft {
  return typeof value === 'object' && value !== null && 'base' in value && 'files' in value
    && typeof value.base === 'number' && isTexts(value.files);
}

/** A draft that was kept; null where there is none, or none that can be read. */
export function keptDraft(store: Pick<Storage, 'getItem'>): Draft | null {
  try {
    const value: unknown = JSON.parse(store.getItem(KEY) ?? 'null');
    return isDraft(value) ? value : null;
  } catch {
    return null;
  }
}

/** Keeps a draft; false where the browser does not. */
export function keepDraft(store: Pick<Storage, 'setItem'>, draft: Draft): boolean {
  try {
    store.setItem(KEY, JSON.stringify(draft));
    return true;
  } catch {
    return false;
  }
}

export function forgetDraft(store: Pick<Storage, 'removeItem'>): void {
  try {
    store.removeItem(KEY);
  } catch {
    // A browser that keeps nothing has nothing to forget.
  }
}
