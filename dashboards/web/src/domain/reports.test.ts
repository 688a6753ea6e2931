import { expect, it } from 'vitest';

import type { ReportDraft, ReportField } from '../api/contract';
import { fillingFault, fillingOf, isSaidByPerson, isSameDraft, sortFields } from './reports';

const text = { zh: 'x', en: 'x' };
const field = (id: string, state: string, extra: Partial<ReportField> = {}): ReportField => ({
  id, clause: 'c', name: text, question: text, state, lines: [], sources: [], ...extra,
});
const draft = (fields: ReportField[], extra: Partial<ReportDraft> = {}): ReportDraft => ({
  incident: 'i', kind: 'first', version: 1, made_at: '2026-01-01T00:00:00Z', missing: [], fields,
  ...extra,
});

it('what is missing is asked for first, else the order stays', () => {
  const fields = [
    field('a', 'value'), field('b', 'missing'), field('c', 'not-applicable'), field('d', 'missing'),
  ];
  expect(sortFields(fields).map(({ id }) => id)).toEqual(['b', 'd', 'a', 'c']);
});

it('only what a person said can be taken back', () => {
  const source = (from: string) => [{ from, what: 'w', at: 'now' }];
  expect(isSaidByPerson(field('a', 'value', { sources: source('data') }))).toBe(false);
  expect(isSaidByPerson(field('a', 'value', { sources: source('person') }))).toBe(true);
});

it('a filling is a value or the reason why there is none, and never empty', () => {
  expect(fillingOf(' 法兰泄漏\n二号 ', false)).toEqual({ value: '法兰泄漏\n二号' });
  expect(fillingOf('无需疏散', true)).toEqual({ not_applicable: '无需疏散' });
  expect([fillingFault('  '), fillingFault('字'.repeat(2_001))].every((one) => one !== null))
    .toBe(true);
  expect(fillingFault('字'.repeat(2_000))).toBeNull();
});

it('a draft is another when a person changed it, not when readings went on', () => {
  const by = (from: string, line: string) =>
    draft([field('a', 'value', { lines: [line], sources: [{ from, what: 'w', at: 'now' }] })]);
  const read = by('person', '1');
  expect(isSameDraft(read, { ...read, made_at: '2026-01-01T00:01:00Z' })).toBe(true);
  expect(isSameDraft(by('data', '1'), by('data', '2'))).toBe(true);
  expect(isSameDraft(read, { ...read, version: 2 })).toBe(false);
  expect(isSameDraft(read, by('person', '2'))).toBe(false);
  expect(isSameDraft(read, draft([field('a', 'missing')]))).toBe(false);
});
