import { expect, it } from 'vitest';

import type { Who } from '../api/contract';
import { lackOf, lackOfWhole } from './rights';

const who = (extra: Partial<Who>): Who => ({
  name: 'wang', role: 'operator', signed_in: true, may: ['look', 'act'], setup_needed: false,
  ...extra,
});

it('what somebody lacks is said, and nothing else', () => {
  expect(lackOf(null, 'act', 'a')).toBe('sign-in');
  expect(lackOf(who({ signed_in: false, may: ['look'] }), 'act', 'a')).toBe('sign-in');
  expect(lackOf(who({ role: 'viewer', may: ['look'] }), 'act', 'a')).toBe('role');
  expect(lackOf(who({ areas: ['b'] }), 'act', 'a')).toBe('area');
  expect(lackOf(who({ areas: ['a', 'b'] }), 'act', 'a')).toBeNull();
  expect(lackOf(who({ areas: ['b'] }), 'act', null)).toBeNull();
  expect(lackOf(who({}), 'act', 'a')).toBeNull();
  expect(lackOf(who({}), 'people', null)).toBe('role');
});

it('what is in no area is for who acts in all of them', () => {
  expect(lackOfWhole(who({}))).toBeNull();
  expect(lackOfWhole(who({ areas: ['a'] }))).toBe('area');
  expect(lackOfWhole(who({ areas: ['a'], may: ['look'] }))).toBe('role');
  expect(lackOfWhole(null)).toBe('sign-in');
});

it('an account of some areas does not see the whole park', () => {
  expect(lackOf(who({ role: 'bureau', areas: ['a'], may: ['look', 'contacts'] }), 'park', null))
    .toBe('role');
  expect(lackOf(who({ signed_in: false, may: ['look', 'park'] }), 'park', null)).toBeNull();
});
