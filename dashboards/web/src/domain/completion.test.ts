import { describe, expect, it } from 'vitest';

import { completionAt } from './completion';

const text = (zh: string, en: string, more = {}) =>
  ({ type: 'string', description: en, 'x-zh': zh, ...more });
const limit = {
  anyOf: [{ type: 'number' }, {
    type: 'object', properties: { limit: { type: 'string', enum: ['oel.mac'] } },
  }],
  description: 'raises', 'x-zh': '报警',
};
const SCHEMA = {
  properties: {
    rule: {
      items: {
        oneOf: [
          {
            title: 'threshold', required: ['id', 'raise_at'],
            properties: {
              id: text('编号', 'id'), kind: { const: 'threshold' }, raise_at: limit,
              gas: text('气体', 'gas', { enum: ['chlorine', 'ammonia'] }),
            },
          },
          {
            title: 'no-data', required: ['after_s'],
            properties: {
              kind: { const: 'no-data' }, all: { type: 'boolean' },
              after_s: { type: 'number' },
              channels: { type: 'array', items: { type: 'string', enum: ['at-1'] } },
            },
          },
        ],
      },
    },
  },
};

/** The labels at the mark `|`, and what would be put in for the first one. */
function at(marked: string, lang: 'zh' | 'en' = 'zh') {
  const lines = marked.split('\n');
  const line = lines.findIndex((one) => one.includes('|'));
  const column = lines[line]!.indexOf('|');
  lines[line] = lines[line]!.replace('|', '');
  return completionAt(SCHEMA, lines, line, column, lang);
}

const labels = (marked: string) => at(marked)?.options.map(({ label }) => label) ?? null;

describe('what can be written', () => {
  it('is the keys of the kind that are not there yet, with what they mean', () => {
    expect(labels('[[rule]]\nkind = "threshold"\nid = "a"\n|')).toEqual(['raise_at', 'gas']);
    const first = at('[[rule]]\nkind = "threshold"\nra|')!;
    expect(first.from).toBe(0);
    const raise = first.options.find(({ label }) => label === 'raise_at')!;
    expect([raise.detail, raise.apply, raise.isNeeded]).toEqual(['报警', 'raise_at = ', true]);
    expect(at('[[rule]]\nkind = "threshold"\n|', 'en')!.options[0]!.detail).toBe('id');
  });

  it('is the keys of every kind where none is named, and not those of the next rule', () => {
    expect(labels('[[rule]]\n|\n[[rule]]\nkind = "no-data"')).toContain('raise_at');
    expect(labels('[[rule]]\nkind = "no-data"\n[[rule]]\n|')).toContain('raise_at');
  });

  it('is the words that a key may have', () => {
    expect(labels('[[rule]]\nkind = "|')).toEqual(['threshold', 'no-data']);
    const gas = at('[[rule]]\nkind = "threshold"\ngas = "chl|')!;
    expect([gas.from, gas.options.map(({ apply }) => apply)]).toEqual(
      [7, ['chlorine', 'ammonia']]);
    expect(at('[[rule]]\nkind = "threshold"\ngas = |')!.options[0]!.apply).toBe('"chlorine"');
    expect(labels('[[rule]]\nkind = "no-data"\nall = |')).toEqual(['true', 'false']);
    expect(labels('[[rule]]\nkind = "no-data"\nchannels = ["|')).toEqual(['at-1']);
    expect(labels('[[rule]]\nkind = "threshold"\nraise_at = { limit = "|')).toEqual(['oel.mac']);
  });

  it('is nothing where nothing is known', () => {
    expect(labels('[[rule]]\nkind = "threshold"\nid = "|')).toBeNull();
    expect(labels('# a word |')).toBeNull();
    expect(completionAt(null, [''], 0, 0, 'zh')).toBeNull();
  });
});
