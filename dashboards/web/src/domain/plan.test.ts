import { describe, expect, it } from 'vitest';

import {
  besideArea, besideMark, boundsOf, fit, keptIn, markBox, outside, placeLabels, scaleBar, textEm,
} from './plan';

const position = (x_m: number, y_m: number) => ({ x_m, y_m });

describe('the projection', () => {
  const bounds = { x: 100, y: 200, width: 400, height: 100 };

  it('fits without distortion, north up, in the middle', () => {
    const { scale, at } = fit(bounds, { x: 10, y: 10, width: 200, height: 200 });
    expect(scale).toBe(0.5);
    expect(at(position(100, 200))).toEqual({ x: 10, y: 135 });
    expect(at(position(500, 300))).toEqual({ x: 210, y: 85 });
  });

  it('survives a canvas without room and a park without anything', () => {
    expect(fit(bounds, { x: 0, y: 0, width: 0, height: 0 }).scale).toBeGreaterThan(0);
    expect(boundsOf({ areas: [], analyzers: [] })).toEqual({ x: 0, y: 0, width: 1, height: 1 });
  });
});

it('the scale bar has a round length that fits', () => {
  const check = (scale: number, metres: number) => {
    expect(scaleBar(scale, 100)).toEqual({ metres, px: metres * scale });
  };
  check(0.5, 200);
  check(0.4, 200);
  check(1.5, 50);
  check(0.15, 500);
});

describe('labels', () => {
  const size = { width: 20, height: 8 };
  const place = (spots: { x: number; y: number }[]) =>
    placeLabels(
      spots.map((spot) => besideMark(spot, 10, size)),
      spots.map((spot) => markBox(spot, 10)),
    );

  it('stand below a mark that is alone', () => {
    expect(place([{ x: 50, y: 50 }])).toEqual([{ x: 40, y: 60, width: 20, height: 8 }]);
  });

  it('step aside for a mark below', () => {
    expect(place([{ x: 50, y: 50 }, { x: 50, y: 68 }])[0]).toMatchObject({ y: 32 });
  });

  it('stay on the canvas where they can', () => {
    const choices = besideArea({ x: 190, y: 50, width: 8, height: 20 }, size);
    const [box] = placeLabels([choices], outside({ width: 200, height: 100 }));
    expect(box).toMatchObject({ x: 178 });
  });

  it('stand below to one side where another name is in the middle, never wider than inside', () => {
    const area = { x: 100, y: 50, width: 30, height: 20 };
    const above = { x: 0, y: 0, width: 300, height: 50 };
    const left = { x: 0, y: 70, width: 99, height: 10 };
    const [box] = placeLabels([besideArea(area, { width: 60, height: 10 })], [above, left]);
    expect(box).toEqual({ x: 100, y: 70, width: 60, height: 10 });
  });

  it('step aside for a label that has no other place', () => {
    const box = (x: number) => ({ x, y: 0, width: 20, height: 8 });
    expect(placeLabels([[box(0), box(40)], [box(10)]], [])).toEqual([box(40), box(10)]);
  });

  it('are as wide as their characters', () => {
    expect(textEm('东厂界')).toBe(3);
    expect(textEm('ab')).toBeCloseTo(1.04);
  });
});

it('a name is never cut off while its area is on show', () => {
  const check = (x: number, areaX: number, expected: number) => {
    const name = { x, y: 0, width: 40, height: 10 };
    const area = { x: areaX, y: 0, width: 20, height: 20 };
    expect(keptIn([name], area, { width: 100, height: 50 })).toEqual([{ ...name, x: expected }]);
  };
  check(30, 30, 30);
  check(80, 90, 60);
  check(-10, 0, 0);
  check(130, 140, 130);
});
