import { describe, expect, it } from 'vitest';

import { FILE_BYTES_MAX, fileFault, ROSTER_BYTES_MAX, rosterOf, sizeText } from './files';

describe('a file', () => {
  it.each([
    ['photo.jpg', 1, null],
    ['photo.jpg', FILE_BYTES_MAX, null],
    ['photo.jpg', FILE_BYTES_MAX + 1, 'large'],
    ['photo.jpg', 0, 'void'],
    ['名'.repeat(200), 1, null],
    ['名'.repeat(201), 1, 'long'],
  ] as const)('%s of %i bytes: %s', (name, size, fault) => {
    expect(fileFault({ name, size })).toBe(fault);
  });

  it.each([
    [0, '0 B'], [1_023, '1023 B'], [1_024, '1 KiB'], [1_536, '1.5 KiB'],
    [FILE_BYTES_MAX, '20 MiB'], [150 * 1_024, '150 KiB'],
  ])('of %i bytes is told as %s', (bytes, text) => {
    expect(sizeText(bytes)).toBe(text);
  });
});

describe('the file of a roster', () => {
  const bytes = (...all: number[]) => new File([new Uint8Array(all)], 'roster.csv');

  it.each([
    ['text', new File(['from,to\n早班'], 'roster.csv'), { text: 'from,to\n早班' }],
    ['nothing', bytes(), { fault: 'void' }],
    ['GBK', bytes(0xd4, 0xe7, 0xb0, 0xe0), { fault: 'binary' }],
    ['a table of another program', bytes(0x50, 0x4b, 3, 4, 0, 0), { fault: 'binary' }],
    ['too much', new File(['x'.repeat(ROSTER_BYTES_MAX + 1)], 'a.csv'), { fault: 'large' }],
  ])('of %s', async (_, file, expected) => {
    expect(await rosterOf(file)).toEqual(expected);
  });
});
