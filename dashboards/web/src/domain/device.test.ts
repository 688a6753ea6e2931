import { expect, it } from 'vitest';

import { DEVICE, type Device, deviceOf } from './device';

it('what a browser keeps is read with care', () => {
  const check = (text: string | null, expected: Partial<Device>) => {
    expect(deviceOf(text)).toEqual({ ...DEVICE, ...expected });
  };
  check(null, {});
  check('{{', {});
  check('7', {});
  check('{"sounds":false,"volume":40,"ground":"plan"}', {
    sounds: false, volume: 40, ground: 'plan',
  });
  // Never so quiet that it says it sounds and nobody hears it.
  check('{"volume":0}', { volume: 10 });
  check('{"volume":"loud","ground":"globe","sounds":"no"}', {});
});
