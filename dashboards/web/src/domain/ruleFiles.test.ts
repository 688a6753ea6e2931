import { describe, expect, it } from 'vitest';

import { changesOf, nameFault, nameOf, pathOf, removedOf, renamed, without } from './ruleFiles';

const FILES = { 'rules/chlorine.toml': 'a', 'rules/Old.toml': 'b' };

function check(typed: string, expected: string | null): void {
  const fault = nameFault(typed, FILES);
  expect([typed, fault !== null && 'key' in fault ? fault.key : null]).toEqual([typed, expected]);
}

describe('the name of a rule file', () => {
  it('is typed with or without folder and ending', () => {
    for (const typed of ['ammonia', ' ammonia.toml ', 'rules/ammonia.toml']) {
      expect(pathOf(typed)).toBe('rules/ammonia.toml');
      check(typed, null);
    }
    expect(nameOf('rules/ammonia.toml')).toBe('ammonia.toml');
  });

  it('is made of lower-case words with hyphens and leaves no folder', () => {
    const form = 'engineer.files.form';
    for (const bad of ['', ' ', '.toml', '../a', 'a/b', 'Ammonia', 'a_b', '-a', 'a--b', '氨',
      'a.yaml', 'a b', 'a'.repeat(61)]) {
      check(bad, form);
    }
    check('hydrogen-sulfide-2', null);
    check('a'.repeat(60), null);
  });

  it('is given once, whatever its case', () => {
    check('chlorine', 'engineer.files.taken');
    check('old', 'engineer.files.taken');
  });
});

it('two sets differ in the files that were added, removed and changed', () => {
  const to = { 'rules/chlorine.toml': 'c', 'rules/ammonia.toml': '' };
  expect(changesOf(FILES, to)).toEqual([
    { name: 'rules/Old.toml', change: 'removed' },
    { name: 'rules/ammonia.toml', change: 'added' },
    { name: 'rules/chlorine.toml', change: 'changed' },
  ]);
  expect(changesOf(to, { ...to })).toEqual([]);
});

it('what can be put back ran, or was thrown away, and is not there', () => {
  const thrown = { 'rules/new.toml': '', 'rules/chlorine.toml': '' };
  expect(removedOf(FILES, { 'rules/chlorine.toml': 'a' }, thrown))
    .toEqual(['rules/Old.toml', 'rules/new.toml']);
  expect(removedOf(FILES, FILES, {})).toEqual([]);
});

it('a file under another name keeps its text', () => {
  expect(renamed('rules/Old.toml', 'rules/new.toml', FILES))
    .toEqual({ 'rules/chlorine.toml': 'a', 'rules/new.toml': 'b' });
  expect(renamed('rules/nothing.toml', 'rules/new.toml', FILES)).toEqual(FILES);
  expect(without('rules/Old.toml', FILES)).toEqual({ 'rules/chlorine.toml': 'a' });
});
