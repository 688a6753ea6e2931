import { describe, expect, it } from 'vitest';

import type { Area } from '../api/contract';
import type { Mark } from './marks';
import { metresTo, type Near, nearestOf } from './receptors';
import { analyzer } from './samples';

const at = (x_m: number, y_m: number) => ({ x_m, y_m });
const square = (x: number, y: number) => [at(x, y), at(x + 100, y), at(x + 100, y + 100),
  at(x, y + 100)];
const area = (id: string, kind: string, outline: Area['outline']): Area =>
  ({ id, kind, outline, name: { zh: id, en: id } });
const mark = (x: number, y: number, tier: Mark['tier']): Mark => ({
  analyzer: { ...analyzer('a'), position: at(x, y) }, channels: [], tier, condition: 'good',
  unacknowledged: false, held: null, isDrill: false,
});

it('the distance to an outline is the shortest one', () => {
  const check = (x: number, y: number, metres: number) => {
    expect(metresTo(at(x, y), square(0, 0))).toBe(metres);
  };
  check(50, 50, 0);
  check(50, 130, 30);
  check(-30, 50, 30);
  check(-30, -40, 50);
});

describe('what is nearest to a receptor', () => {
  const village = area('village', 'receptor', square(1_000, 0));
  const farm = area('farm', 'tank-farm', square(0, 0));
  const check = (areas: Area[], marks: Mark[], expected: Near | undefined) => {
    expect(nearestOf(areas, marks).get('village')).toEqual(expected);
  };

  it('is the nearest alarm, rounded towards danger', () => {
    check([village, farm], [mark(389, 50, 'yellow'), mark(100, 50, 'red')], {
      what: 'alarm', metres: 610,
    });
  });

  it('is the nearest place gas could come from while nothing is in alarm', () => {
    check([village, farm], [mark(900, 50, null)], { what: 'source', metres: 900 });
    check([village], [], undefined);
  });
});
