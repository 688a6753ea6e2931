import { expect, it } from 'vitest';

import { faultsOf, fieldOf, needNumber, needText } from './form';

it('a text must be there and fit', () => {
  expect(needText('  ', 5)).toEqual({ key: 'form.empty', holes: {} });
  expect(needText('检修中', 3)).toBeNull();
  expect(needText('𠮷𠮷𠮷', 3)).toBeNull();
  expect(needText('abcd', 3)).toEqual({ key: 'form.long', holes: { length: 4, max: 3 } });
});

it('a number must be whole and between its limits', () => {
  const fault = { key: 'form.number', holes: { min: 1, max: 30 } };
  expect(['1', '30'].map((text) => needNumber(text, 1, 30))).toEqual([null, null]);
  for (const text of ['', ' ', '0', '31', '1.5', 'abc', '-1', 'NaN']) {
    expect(needNumber(text, 1, 30)).toEqual(fault);
  }
});

it('only what is wrong is left of the checks', () => {
  const empty = { key: 'form.empty', holes: {} };
  expect(faultsOf({ reason: empty, minutes: null })).toEqual({ reason: empty });
});

it('the field of a refusal is found by its kind and text', () => {
  const empty = 'The field `work_order` is empty. Fill it in.';
  expect(fieldOf('bad-field', empty)).toBe('work_order');
  expect(fieldOf('bad-body', 'The body does not fit at `minutes`: …')).toBe('minutes');
  expect(fieldOf('time-out-of-range', 'A time of 99 min is not possible.')).toBe('minutes');
  expect(fieldOf('second-person', '`wang` proposed this')).toBeNull();
});
