import { describe, expect, it } from 'vitest';

import schema from '../../../../crates/siskin-api/openapi.json';
import type { RulesRefused, RunningRule } from '../api/contract';
import en from '../locales/en';
import zh from '../locales/zh-CN';
import { refusedPlaces, RULE_KINDS, ruleLines, ruleLinesOf } from './rules';
import { park } from './samples';

const running = (id: string, kind: string): RunningRule => ({
  id, name: { zh: id, en: id }, kind, tier: null, source: 's', channels: 3, text: `id = "${id}"`,
});

describe('kinds of rules', () => {
  it('are those of the contract, each with a word in both languages', () => {
    expect([...RULE_KINDS].sort()).toEqual([...schema.components.schemas.RuleKindView.enum].sort());
    for (const words of [zh.ruleKind, en.ruleKind]) {
      expect(Object.keys(words).sort()).toEqual([...RULE_KINDS, 'other'].sort());
    }
  });

  it('that are newer than the page are shown without a kind', () => {
    const { version } = park().rules;
    const rules = [running('a', 'vote'), running('b', 'new')];
    const known = park({ rules: { version, rules } });
    expect(ruleLines(known).map(({ kind }) => kind)).toEqual(['vote', null]);
  });
});

it('rules of a channel stand highest tier first, with limits and the text of the station', () => {
  const { version } = park().rules;
  const known = park({ rules: { version, rules: [running('chlorine-red', 'threshold')] } });
  const lines = ruleLinesOf(known, 'a-cl2');
  expect(lines.map(({ id, raiseAt }) => [id, raiseAt])).toEqual([
    ['chlorine-red', 20], ['chlorine-orange', 2], ['chlorine-yellow', 0.345],
  ]);
  expect(lines.map(({ text, channels }) => [text, channels])).toEqual([
    ['id = "chlorine-red"', 3], [null, 1], [null, 1],
  ]);
  expect(ruleLinesOf(known, 'nobody')).toEqual([]);
});

describe('a refused set', () => {
  const places = (report: string) => {
    const text = { zh: '', en: '' };
    return refusedPlaces({ at: '', source: 'file-change', text, report } satisfies RulesRefused);
  };

  it('names each file with its first line', () => {
    const report = [
      '  × a', '   ╭─[rules/chlorine.toml:14:12]', '14 │ raise_at = [1:2:3]',
      '   ╭─[rules/chlorine.toml:3:1]', '   ╭─[site.toml:7:1]',
    ].join('\n');
    expect(places(report)).toEqual(['rules/chlorine.toml:3', 'site.toml:7']);
  });

  it('names three files at most, and none where the report has none', () => {
    const report = ['a', 'b', 'c', 'd'].map((name) => `[rules/${name}.toml:1:1]`).join('\n');
    expect(places(report)).toEqual(['rules/a.toml:1', 'rules/b.toml:1', 'rules/c.toml:1', '…']);
    expect(places('cannot read the folder')).toEqual([]);
  });
});
