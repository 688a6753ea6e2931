import { describe, expect, it } from 'vitest';

import type { RuleSet } from '../api/contract';
import { forgetDraft, isSame, keepDraft, keptDraft, textsOf } from './draft';

function memory(): Storage {
  const kept = new Map<string, string>();
  return {
    getItem: (key) => kept.get(key) ?? null,
    setItem: (key, value) => void kept.set(key, value),
    removeItem: (key) => void kept.delete(key),
    clear: () => {
      kept.clear();
    },
    key: () => null,
    length: 0,
  };
}

describe('a draft', () => {
  it('comes back as it was kept, until it is forgotten', () => {
    const store = memory();
    const draft = { base: 3, files: { 'rules/a.toml': 'x = 1\n' } };
    expect(keptDraft(store)).toBeNull();
    expect(keepDraft(store, draft)).toBe(true);
    expect(keptDraft(store)).toEqual(draft);
    forgetDraft(store);
    expect(keptDraft(store)).toBeNull();
  });

  it('is none where what was kept is something else', () => {
    for (const text of ['{', '7', '{"base":"x","files":{}}', '{"base":1,"files":{"a":2}}']) {
      const store = memory();
      store.setItem('siskin.rules.draft', text);
      expect([text, keptDraft(store)]).toEqual([text, null]);
    }
  });

  it('says when the browser keeps nothing', () => {
    const full = { setItem: () => { throw new Error('full'); } };
    expect(keepDraft(full, { base: 1, files: {} })).toBe(false);
  });

  it('has the files that may be written', () => {
    const file = (path: string, is_bundled: boolean) =>
      ({ path, text: path, sha256: '', is_bundled });
    const set: RuleSet = {
      set: 'running', number: 1, tests: [],
      files: [file('rules/a.toml', false), file('rule-sets/h2s.toml', true)],
    };
    expect(textsOf(set)).toEqual({ 'rules/a.toml': 'rules/a.toml' });
    expect(isSame({ a: '1' }, { a: '1' })).toBe(true);
    expect(isSame({ a: '1' }, { a: '2' })).toBe(false);
    expect(isSame({ a: '1' }, { a: '1', b: '' })).toBe(false);
  });
});
