import { describe, expect, it } from 'vitest';

import en from './en';
import zh from './zh-CN';

function entries(node: object, path = ''): [string, string][] {
  return Object.entries(node).flatMap(([key, value]: [string, unknown]) =>
    typeof value === 'object' && value !== null
      ? entries(value, `${path}${key}.`)
      : [[`${path}${key}`, String(value)] as [string, string]],
  );
}

/** A word for one and a word for many have the same holes. */
const holes = (text: string) => [...new Set(text.match(/\{\w+\}/g) ?? [])].sort();

describe('the two languages', () => {
  it('have the same keys', () => {
    const keys = (node: object) => entries(node).map(([key]) => key).sort();
    expect(keys(en)).toEqual(keys(zh));
  });

  it('fill the same holes', () => {
    const english = new Map(entries(en));
    for (const [key, text] of entries(zh)) {
      expect([key, holes(english.get(key) ?? '')]).toEqual([key, holes(text)]);
    }
  });

  it('leave no word empty but the letter of calm data', () => {
    for (const [key, text] of [...entries(zh), ...entries(en)]) {
      expect([key, text === '']).toEqual([key, key === 'letter.good']);
    }
  });
});
