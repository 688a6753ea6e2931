import { describe, expect, it } from 'vitest';

import type { Channel } from '../api/contract';
import { neighboursOf } from './neighbours';
import type { Park } from './park';

const channel = (id: string, quantity = 'chlorine') =>
  ({ id, quantity, analyzer: `a-${id}` }) as Channel;

function parkOf(places: Record<string, [x: number, y: number, quantity?: string]>): Park {
  const all = Object.entries(places);
  return {
    channels: new Map(all.map(([id, [, , quantity]]) => [id, channel(id, quantity)])),
    analyzers: new Map(all.map(([id, [x, y]]) =>
      [`a-${id}`, { id: `a-${id}`, position: { x_m: x, y_m: y } }])),
  } as unknown as Park;
}

describe('neighbours', () => {
  const park = parkOf({
    here: [0, 0], north: [0, 100], east: [50, 0], south: [0, -200], other: [1, 1, 'ammonia'],
  });

  it('come nearest first and measure the same', () => {
    const found = neighboursOf(channel('here'), park, null, 2);
    expect(found.map((one) => [one.channel.id, one.distanceM, one.bearingDeg, one.lies])).toEqual([
      ['east', 50, 90, null], ['north', 100, 0, null],
    ]);
  });

  it('lie with or against the wind', () => {
    // From the south: the gas goes north.
    const found = neighboursOf(channel('here'), park, 180, 9);
    expect(found.map((one) => [one.channel.id, one.lies])).toEqual([
      ['east', 'beside'], ['north', 'downwind'], ['south', 'upwind'],
    ]);
  });

  it('on the same mast lie nowhere in the wind', () => {
    const mast = parkOf({ here: [0, 0], twin: [0, 0.2] });
    expect(neighboursOf(channel('here'), mast, 180, 9)[0]?.lies).toBeNull();
  });

  it('are none where nobody knows the place', () => {
    expect(neighboursOf(channel('nowhere'), park, 0, 9)).toEqual([]);
  });
});
