import { expect, it } from 'vitest';

import type { Who } from '../api/contract';
import { lackOf } from './rights';

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
