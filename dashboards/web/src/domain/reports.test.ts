import { expect, it } from 'vitest';

import type { ReportField } from '../api/contract';
import { fillingFault, fillingOf, isSaidByPerson, sortFields } from './reports';

const text = { zh: 'x', en: 'x' };
const field = (id: string, state: string, extra: Partial<ReportField> = {}): ReportField => ({
  id, clause: 'c', name: text, question: text, state, lines: [], sources: [], ...extra,
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
