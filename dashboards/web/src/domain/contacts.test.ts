import { describe, expect, it } from 'vitest';

import { contactFault, phonesOf } from './contacts';

describe('a contact', () => {
  it.each(['li-lei', 'a', 'Z-9_x', 'a'.repeat(64)])('may be called %s', (id) => {
    expect(contactFault(id)).toBeNull();
  });

  it.each(['', 'li.lei', ' li', '李雷', '-li', 'a'.repeat(65)])('may not be called %j', (id) => {
    expect(contactFault(id)).not.toBeNull();
  });

  it('has a number a line', () => {
    expect(phonesOf('13800000000\n\n 010-1234 \r\n')).toEqual(['13800000000', '010-1234']);
    expect(phonesOf('  \n')).toEqual([]);
  });
});
