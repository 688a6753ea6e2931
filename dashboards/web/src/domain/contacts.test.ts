import { describe, expect, it } from 'vitest';

import { contactFault, contactWords, phonesOf } from './contacts';

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

  it('reads the same only while nothing of it was changed', () => {
    const li = {
      id: 'li', name: '李雷', organisation: '', phones: ['138', '139'], email: null, note: '夜班',
    };
    expect(contactWords(li)).toBe('李雷 · 138 · 139 · 夜班');
    const others = [
      { name: '李' }, { organisation: '厂' }, { phones: ['138'] }, { email: 'a@b' }, { note: '' },
    ];
    for (const other of others) {
      expect(contactWords({ ...li, ...other })).not.toBe(contactWords(li));
    }
  });
});
