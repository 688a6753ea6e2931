import { expect, it } from 'vitest';

import { accountFault, passwordFault, rolesUpTo } from './people';

it('an account is a short word of plain letters', () => {
  expect(['wang', 'w', 'li.lei-2_b'].map(accountFault)).toEqual([null, null, null]);
  for (const name of ['', 'Wang', '2li', '王', 'a b', 'a'.repeat(33)]) {
    expect(accountFault(name)?.valueOf()).toMatchObject({ key: 'people.nameRule' });
  }
});

it('a password is counted in characters', () => {
  expect(passwordFault('一二三四五六七八九十一二三四五')).toBeNull();
  expect(passwordFault('a'.repeat(14))).not.toBeNull();
  expect(passwordFault('a'.repeat(129))).not.toBeNull();
});

it('a token does no more than its owner', () => {
  expect(rolesUpTo('viewer')).toEqual(['viewer']);
  expect(rolesUpTo('bureau')).toEqual(['viewer', 'bureau']);
  expect(rolesUpTo('engineer')).toEqual(['viewer', 'bureau', 'engineer']);
  expect(rolesUpTo('admin')).toHaveLength(5);
});
